"""Which events belong to a thing's journey, and where nobody declared anything: pure decisions.

A thing is followed under its own key, under its lot, inside containers while it is packed in
them, and back through transformations into what it was made from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Literal

EARLIEST = datetime.min.replace(tzinfo=UTC)
LATEST = datetime.max.replace(tzinfo=UTC)

MOST_CHECKED = 40_000  # events read to check a journey: about half a second
Through = Literal["self", "lot", "container", "input"]


@dataclass(frozen=True, slots=True)
class Span:
    """A key whose events count from ``since`` to ``until``, both included."""

    key: str
    through: Through = "self"
    since: datetime = EARLIEST
    until: datetime = LATEST

    def covers(self, at: datetime) -> bool:
        """Tell whether an event at this time is within the span."""
        return self.since <= at <= self.until


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One event as it concerns one key: which role the key plays in it, and what is declared."""

    event_id: int
    key: str
    role: str  # epc, parent, child, input, output
    type: str
    action: str
    step: str
    disposition: str
    at: datetime
    zone: str
    recorded_at: datetime
    party_id: int
    entry_index: int
    position: int
    read_point: str
    biz_location: str
    quantity: float | None = None
    unit: str = ""
    weight: int = 0  # 0: said by the owner, 1: may end the thing, 2: what else partners report
    together: int = 1  # events signed by one statement with this one
    deleted: bool = False  # by order: of the rest only beginnings and ends are left

    @property
    def makes(self) -> bool:
        """Whether the key comes into being: commissioned with ADD, or output of a transformation.

        CBV 2.0 section 7.1.3: only an ObjectEvent with action ADD commissions; EPCIS 2.0 section
        7.4.6: the outputs of a transformation begin to exist with it.
        """
        if self.type == "TransformationEvent":
            return self.role == "output"
        return self.role == "epc" and self.action == "ADD" and self.step == "commissioning"


def affordable(occurrences: Iterable[Occurrence]) -> set[int]:
    """Give the events that can be checked in time: all of the owner's, others up to a budget.

    To check one event, all that were signed with it are read. Whoever reports a rival's unit in
    hundreds of documents of thousands of events must not make its page slow.
    """
    spent, entries, kept = 0, set(), set()
    for found in sorted(occurrences, key=lambda o: (o.weight, o.together, o.event_id)):
        free = found.weight == 0 or found.entry_index in entries
        cost = 0 if free else found.together
        if spent + cost > MOST_CHECKED:
            continue
        spent += cost
        entries.add(found.entry_index)
        kept.add(found.event_id)
    return kept


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch that nobody declared, after the stop with index ``after``."""

    after: int
    code: Literal["not-received", "move-undeclared", "since-undeclared"]
    since: datetime
    until: datetime


def containers(
    occurrences: Iterable[Occurrence],
    span: Span,
    parents: Mapping[int, str],
    emptied: Mapping[str, Sequence[datetime]],
) -> Iterator[Span]:
    """Give the containers of a key, each for the time it is packed in it and the span holds.

    ``parents`` names the container of each aggregation event, ``emptied`` the times at which a
    container was unpacked as a whole (DELETE without a list of children, EPCIS 2.0 section 7.4.3).
    """
    packed = sorted(
        (o for o in occurrences if o.role == "child" and o.type == "AggregationEvent"),
        key=lambda o: (o.at, o.event_id),
    )
    for index, inside in enumerate(packed):
        parent = parents.get(inside.event_id)
        if inside.action != "ADD" or parent is None:
            continue
        ends = [
            later.at
            for later in packed[index + 1 :]
            if later.action == "DELETE" and parents.get(later.event_id) == parent
        ]
        ends += [at for at in emptied.get(parent, ()) if at >= inside.at]
        since = max(inside.at, span.since)
        until = min([span.until, *ends])
        if since <= until:
            yield Span(parent, "container", since, until)


def inputs(
    occurrences: Iterable[Occurrence], span: Span, sources: Mapping[int, Sequence[str]]
) -> Iterator[Span]:
    """Give what a key was made from; of an input only what happened before counts."""
    for made in occurrences:
        if made.role == "output" and made.type == "TransformationEvent" and span.covers(made.at):
            for key in sources.get(made.event_id, ()):
                yield Span(key, "input", EARLIEST, made.at)


def ordered(occurrences: Iterable[Occurrence]) -> list[Occurrence]:
    """One occurrence an event, in the order of event time; the first one seen of each stays."""
    seen: dict[int, Occurrence] = {}
    for occurrence in occurrences:
        seen.setdefault(occurrence.event_id, occurrence)
    return sorted(seen.values(), key=lambda o: (o.at, o.recorded_at, o.event_id))


# CBV 2.0 business steps and dispositions after which a unit should not be met on the market.
ENDING = frozenset(
    {"destroying", "destroyed", "disposed", "decommissioning", "stolen", "retail_sold"}
    | {"inactive", "revoked"}
)
# After these nothing more is to be expected of the goods.
_FINAL = frozenset({"retail_sold", "destroyed", "disposed", "dispensed"})
# Steps that by themselves say that the goods came from elsewhere.
_ARRIVALS = frozenset({"receiving", "arriving", "accepting"})
_DEPARTURES = frozenset({"shipping", "departing", "transporting"})


def gaps(stops: Sequence[tuple[Occurrence, str]], now: datetime) -> list[Gap]:
    """Find undeclared stretches of a journey; each stop comes with the place where it happened."""
    found = []
    for index, ((left, left_place), (right, right_place)) in enumerate(pairwise(stops)):
        if not left_place or not right_place or left_place == right_place:
            continue
        if left.step in _DEPARTURES or right.step in _ARRIVALS or _joins(right):
            continue
        found.append(Gap(index, "move-undeclared", left.at, right.at))
    if stops:
        last = stops[-1][0]
        if last.step in _DEPARTURES:
            found.append(Gap(len(stops) - 1, "not-received", last.at, now))
        elif last.disposition not in _FINAL and last.at < now:
            found.append(Gap(len(stops) - 1, "since-undeclared", last.at, now))
    return found


def _joins(occurrence: Occurrence) -> bool:
    """Whether a transformation brings several inputs together: their places differ by nature."""
    return occurrence.type == "TransformationEvent"


# Latitude and longitude of the middle of each province of 2025, in degrees, to a tenth: enough to
# tell a possible journey from an impossible one.
CENTROIDS: Mapping[str, tuple[float, float]] = {
    "01": (21.0, 105.7),
    "04": (22.7, 106.1),
    "08": (22.5, 105.1),
    "11": (21.5, 103.2),
    "12": (22.3, 103.2),
    "14": (21.2, 104.1),
    "15": (22.1, 104.3),
    "19": (22.0, 105.8),
    "20": (21.8, 106.7),
    "22": (21.3, 107.2),
    "24": (21.2, 106.2),
    "25": (20.7, 105.3),
    "31": (20.9, 106.5),
    "33": (20.5, 106.5),
    "37": (20.3, 106.0),
    "38": (20.0, 105.3),
    "40": (19.2, 104.9),
    "42": (18.3, 105.7),
    "44": (17.2, 106.5),
    "46": (16.3, 107.5),
    "48": (15.6, 108.0),
    "51": (14.8, 108.1),
    "52": (13.9, 108.4),
    "56": (12.1, 109.0),
    "66": (12.7, 108.5),
    "68": (11.7, 108.0),
    "75": (11.4, 107.0),
    "79": (11.0, 106.6),
    "80": (10.7, 106.1),
    "82": (10.4, 106.0),
    "86": (10.0, 106.3),
    "91": (10.2, 105.1),
    "92": (9.7, 105.8),
    "96": (9.1, 105.2),
}
