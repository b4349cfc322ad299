"""What the capture interface says: EPCIS capture jobs and the texts of findings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from app.i18n import N_
from app.problems import FieldError

# Text (a msgid) and clause of each finding; the rules C1 … C9 are stated in docs/api.md.
FINDINGS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "duplicate_event": (
            N_("An event with the identity %(event)s is already there."),
            "Nguồn C1; EPCIS 2.0 §7.4.1",
        ),
        "error_declaration": (N_("Error declarations are not taken here yet."), "Nguồn C2"),
        "future_event": (
            N_("The event would happen later than now."),
            "Nguồn C3; EPCIS 2.0 §7.4.1",
        ),
        "unknown_place": (
            N_("Nobody has registered a place with the GLN %(gln)s."),
            "Nguồn C4; EPCIS 2.0 §7.3.5",
        ),
        "foreign_place": (
            N_("What you make or end must be at a place of yours; %(gln)s is another party's."),
            "Nguồn C5",
        ),
        "duplicate_epc": (
            N_("The event names %(key)s twice in the same role."),
            "Nguồn C6; EPCIS 2.0 §7.4.2",
        ),
        "foreign_prefix": (
            N_("%(key)s is not under a GS1 company prefix that is licensed to you."),
            "Nguồn C7; GS1 General Specifications 1.4",
        ),
        "not_registered": (
            N_("%(key)s is not registered or issued: do that before you put it into use."),
            "Nguồn C8",
        ),
        "already_made": (
            N_("%(key)s was put into use before."),
            "Nguồn C8; CBV 2.0 §7.1",
        ),
        "after_end": (
            N_("%(key)s was declared ended before this event."),
            "Nguồn C9",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class JobOut:
    """A capture job as its party may see it."""

    id: str
    succeeded: bool
    created_at: datetime
    finished_at: datetime | None
    errors: Sequence[FieldError]
    warnings: Sequence[FieldError]
    entry_index: int | None
