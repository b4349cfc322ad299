"""Who stands behind a reason or a stop: the producer, a partner, a certifier, or this service."""

from __future__ import annotations

from app.verify.queries import Case
from app.verify.rules import Finding
from app.verify.schemas import Speaker, SpeakerKind

NGUON = Speaker("nguon")
# Reasons that a party states; every other one this service computes.
_DECLARED = frozenset(
    {"recalled-product", "recalled-lot", "recalled-serial", "recall-other-lot", "destroyed"}
    | {"decommissioned", "stolen", "sold", "inactive", "revoked", "product-declared"}
    | {"batch-declared", "batch-declared-expired", "unit-active", "container-declared"}
)
# Contradictions that another party's event can cause: then the reason names that party.
_CLASHES = frozenset(
    {"ended-by-other", "foreign-commissioning", "moved-before-made", "after-end"}
    | {"impossible-journey"}
)


class Speakers:
    """Finds who stands behind a finding."""

    def __init__(self, case: Case) -> None:
        found = case.register
        self.parties: dict[int, tuple[str, str]] = {
            step.party.id: (step.party.name, step.party.kind) for step in case.journey.steps
        }
        self.owner = found.product.party_id if found else case.evidence.owner
        if found:
            self.parties[found.product.party_id] = (found.party.name, found.party.kind)

    def __call__(self, finding: Finding) -> Speaker:
        """Give who says a reason."""
        record = finding.record
        if record is None:
            return NGUON
        # What clashes with the owner's word is said by whoever said it, not found by us alone.
        other = finding.code in _CLASHES and record.party_id not in (self.owner, 0)
        return self.of(record.party_id) if other or finding.code in _DECLARED else NGUON

    def of(self, party_id: int) -> Speaker:
        """Give a party as a speaker."""
        name, kind = self.parties.get(party_id, ("", ""))
        return Speaker(_speaker_kind(kind, own=party_id == self.owner), name)


def _speaker_kind(kind: str, *, own: bool) -> SpeakerKind:
    if own:
        return "producer"
    match kind:
        case "certifier":
            return "certifier"
        case "authority":
            return "authority"
        case _:
            return "partner"
