"""Lost separators: where a GS may have stood in data that has none.

After a value of variable length nothing but the separator says where it ends. Without it the end
is sought at every place where an AI begins from which valid values follow to the end of the data.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from gs1 import dictionary
from gs1.component import READERS
from gs1.dictionary import ApplicationIdentifier
from gs1.element_string import GS, Items

_DATES = frozenset({"11", "12", "13", "15", "16", "17", "7003"})
_COMMON = _DATES | {"00", "01", "02", "10", "21", "37"}
#: AIs that follow a value of variable length in practice; any AI would fit too much by chance.
FOLLOWERS = (
    _COMMON
    | {"20", "22", "30", "235", "240", "241", "250", "400", "410", "414", "415", "420", "421"}
    | {"422", "7006", "8003", "8005", "8008", "8020"}
    | {str(ai) for ai in (*range(710, 718), *range(3100, 3106), *range(3920, 3926))}
)
_FOLLOWS = re.compile(f"(?={'|'.join(sorted(FOLLOWERS))})")
_LONGEST = 160
_KEPT = 4


class Budget:
    """Values that a search may look at before it gives up: bounds the time for hostile text.

    >>> budget = Budget(1)
    >>> budget.spend(), budget.spend()
    (True, False)
    """

    def __init__(self, values: int = 240) -> None:
        self.left = values

    def spend(self) -> bool:
        """Take one; False when none is left."""
        self.left -= 1
        return self.left >= 0


class _Way(NamedTuple):
    """A way to read the rest of the data. The lower the score, the likelier.

    A date fits by chance once in thirty times, a rare AI far more often.
    """

    score: int
    lost: int
    items: Items

    def after(self, ai: str, value: str, lost: int) -> _Way:
        """This way with one more element before it."""
        step = 2 * lost + (-3 if ai in _DATES else 0 if ai in _COMMON else 3)
        return _Way(self.score + step, self.lost + lost, ((ai, value), *self.items))


class _Search:
    """Ways to read the data from a position on; only positions that values lead to are tried."""

    def __init__(self, data: str, budget: Budget) -> None:
        self.data = data
        self.budget = budget
        self.follows = [found.start() for found in _FOLLOWS.finditer(data)]
        self.known: dict[int, list[_Way]] = {len(data): [_Way(0, 0, ())]}

    def ways(self, position: int) -> list[_Way]:
        """The likeliest ways from here to the end, best first."""
        if position not in self.known:
            self.known[position] = sorted(self._from(position))[:_KEPT]
        return self.known[position]

    def _from(self, position: int) -> Iterator[_Way]:
        length = dictionary.length_by_prefix().get(self.data[position : position + 2], 0)
        reader = READERS.get(self.data[position : position + length])
        if reader is None:
            return
        start = position + length
        for end, then, lost in self._ends(reader.entry, start):
            if not self.budget.spend():
                return
            value = self.data[start:end]
            if reader.accepts(value):
                for way in self.ways(then):
                    if all(ai != reader.ai for ai, _ in way.items):
                        yield way.after(reader.ai, value, lost)

    def _ends(self, entry: ApplicationIdentifier, start: int) -> Iterator[tuple[int, int, int]]:
        """Where a value may end, where the rest begins, and whether a separator is lost there."""
        size = len(self.data)
        stop = self.data.find(GS, start) % (size + 1)
        first, last = start + entry.minimum, min(stop, start + entry.maximum)
        if first <= stop == last:
            yield stop, min(stop + 1, size), 0
        if not entry.separator:
            # Its length is fixed and tells where it ends.
            if first == last < stop:
                yield last, last, 0
            return
        follows = self.follows
        for end in follows[bisect_left(follows, first) : bisect_right(follows, last)]:
            yield end, end, 1


def restore(data: str, budget: Budget, *, needs_date: bool = False) -> list[str]:
    """Raw element strings that ``data`` may become when lost separators are put back, best first.

    With ``needs_date`` only those in which a date follows: for data that reads well as it stands,
    where the digits of an AI inside a lot number are mostly chance.

    >>> restore("010952123454321310ABC17271231", Budget())[0]
    '010952123454321310ABC\\x1d17271231'
    """
    if not 0 < len(data) <= _LONGEST:
        return []
    ways = [way for way in _Search(data, budget).ways(0) if way.lost]
    if needs_date:
        ways = [way for way in ways if any(ai in _DATES for ai, _ in way.items)]
    return [_raw(way.items) for way in ways]


def _raw(items: Items) -> str:
    parts = [ai + value + (GS if READERS[ai].entry.separator else "") for ai, value in items]
    return "".join(parts).removesuffix(GS)
