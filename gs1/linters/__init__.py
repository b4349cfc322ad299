"""Linters: the content rules of AI components, one pure function per name of the dictionary.

A linter takes the component and answers None, or the first Fault.
"""

from __future__ import annotations

from collections.abc import Callable

from gs1.errors import FormatError
from gs1.linters.charset import (
    cset39,
    cset64,
    cset82,
    csetnumeric,
    hasnondigit,
    hyphen,
    importeridx,
    pcenc,
)
from gs1.linters.check import GcpLookup, csum, csumalpha, gcppos1, gcppos2, iban
from gs1.linters.codes import (
    iso3166,
    iso3166alpha2,
    iso4217,
    iso3166999,
    mediatype,
    packagetype,
)
from gs1.linters.coupon import couponcode, couponposoffer
from gs1.linters.dates import hh, hhmi, mi, ss, yymmd0, yymmdd, yyyymmd0, yyyymmdd
from gs1.linters.fault import Fault
from gs1.linters.messages import MESSAGES
from gs1.linters.number import (
    iso5218,
    latitude,
    longitude,
    nonzero,
    nozeroprefix,
    pieceoftotal,
    posinseqslash,
    winding,
    yesno,
    zero,
)

__all__ = ["LINTERS", "MESSAGES", "WITHDRAWN", "Fault", "GcpLookup", "Linter", "lint"]

Linter = Callable[[str], Fault | None]


def _withdrawn(value: str) -> None:
    """Stand-in for a linter that older dictionaries name and GS1 has withdrawn: allows anything."""


LINTERS: dict[str, Linter] = {
    linter.__name__: linter
    for linter in (
        couponcode, couponposoffer, cset39, cset64, cset82, csetnumeric, csum, csumalpha, gcppos1,
        gcppos2, hasnondigit, hh, hhmi, hyphen, iban, importeridx, iso3166, iso3166999,
        iso3166alpha2, iso4217, iso5218, latitude, longitude, mediatype, mi, nonzero, nozeroprefix,
        packagetype, pcenc, pieceoftotal, posinseqslash, ss, winding, yesno, yymmd0, yymmdd,
        yyyymmd0, yyyymmdd, zero,
    )
}  # fmt: skip
WITHDRAWN = ("hhmm", "iso3166list", "key", "keyoff1", "mmoptss", "yymmddhh")
LINTERS |= dict.fromkeys(WITHDRAWN, _withdrawn)

_WITH_LOOKUP: dict[str, Callable[[str, GcpLookup | None], Fault | None]] = {
    "couponcode": couponcode,
    "gcppos1": gcppos1,
    "gcppos2": gcppos2,
}


def lint(name: str, value: str, lookup: GcpLookup | None = None) -> Fault | None:
    """First fault of ``value`` under the linter ``name``, or None.

    ``lookup`` answers whether a GS1 Company Prefix is allocated. Raises FormatError for an unknown
    linter.

    >>> lint("csum", "4006381333931")
    >>> lint("yesno", "2")
    Fault(code='not_zero_or_one', start=0, length=1)
    """
    if name in _WITH_LOOKUP:
        return _WITH_LOOKUP[name](value, lookup)
    linter = LINTERS.get(name)
    if linter is None:
        raise FormatError(f"unknown linter {name[:40]!r}", code="unknown_linter")
    return linter(value)
