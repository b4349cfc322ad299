"""Rules on the value of numeric components."""

from __future__ import annotations

import re

from gs1.linters.charset import csetnumeric
from gs1.linters.fault import Fault, whole

_POSITION = re.compile("([0-9]+)/([0-9]+)")


def zero(value: str) -> Fault | None:
    """One or more zeros.

    >>> zero("01")
    Fault(code='not_zero', start=0, length=2)
    """
    return None if value and not value.strip("0") else whole("not_zero", value)


def nonzero(value: str) -> Fault | None:
    """Digits with a value above zero.

    >>> nonzero("00")
    Fault(code='illegal_zero_value', start=0, length=2)
    """
    if fault := csetnumeric(value):
        return fault
    return None if value.strip("0") else whole("illegal_zero_value", value)


def nozeroprefix(value: str) -> Fault | None:
    """Digits that do not begin with zero; a single zero is refused as well.

    >>> nozeroprefix("012")
    Fault(code='illegal_zero_prefix', start=0, length=1)
    """
    if value.startswith("0"):
        return Fault("illegal_zero_prefix", 0, 1)
    return csetnumeric(value)


def yesno(value: str) -> Fault | None:
    """``0`` (no) or ``1`` (yes).

    >>> yesno("2")
    Fault(code='not_zero_or_one', start=0, length=1)
    """
    return None if value in ("0", "1") else whole("not_zero_or_one", value)


def winding(value: str) -> Fault | None:
    """Winding direction of a roll: ``0``, ``1`` or ``9``.

    >>> winding("2")
    Fault(code='invalid_winding_direction', start=0, length=1)
    """
    return None if value in ("0", "1", "9") else whole("invalid_winding_direction", value)


def iso5218(value: str) -> Fault | None:
    """Biological sex of ISO/IEC 5218: ``0``, ``1``, ``2`` or ``9``.

    >>> iso5218("3")
    Fault(code='invalid_biological_sex_code', start=0, length=1)
    """
    return None if value in ("0", "1", "2", "9") else whole("invalid_biological_sex_code", value)


def latitude(value: str) -> Fault | None:
    """Ten digits up to 1800000000: degrees times 10⁷, from the south pole.

    >>> latitude("1800000001")
    Fault(code='invalid_latitude', start=0, length=10)
    """
    return _coordinate(value, "1800000000", "latitude")


def longitude(value: str) -> Fault | None:
    """Ten digits up to 3600000000: degrees times 10⁷, eastward.

    >>> longitude("3600000001")
    Fault(code='invalid_longitude', start=0, length=10)
    """
    return _coordinate(value, "3600000000", "longitude")


def _coordinate(value: str, greatest: str, name: str) -> Fault | None:
    if len(value) != 10:
        return whole(f"{name}_invalid_length", value)
    if fault := csetnumeric(value):
        return fault
    return whole(f"invalid_{name}", value) if value > greatest else None


def pieceoftotal(value: str) -> Fault | None:
    """Piece number and total in equally many digits, neither zero, the piece not above the total.

    >>> pieceoftotal("0302")
    Fault(code='piece_number_exceeds_total', start=0, length=4)
    """
    if fault := csetnumeric(value):
        return fault
    half = len(value) // 2
    piece, total = value[:half], value[half:]
    if not half or len(value) % 2:
        return whole("invalid_length_for_piece_of_total", value)
    if not piece.strip("0"):
        return Fault("zero_piece_number", 0, half)
    if not total.strip("0"):
        return Fault("zero_total_pieces", half, half)
    return whole("piece_number_exceeds_total", value) if piece > total else None


def posinseqslash(value: str) -> Fault | None:
    """Position and end of a sequence as ``pos/end``, without leading zeros, pos not above end.

    >>> posinseqslash("3/2")
    Fault(code='position_exceeds_end', start=0, length=3)
    """
    found = _POSITION.fullmatch(value)
    if not found:
        return whole("position_in_sequence_malformed", value)
    position, end = found.groups()
    if position[0] == "0":
        return Fault("illegal_zero_prefix", 0, len(position))
    if end[0] == "0":
        return Fault("illegal_zero_prefix", found.start(2), len(end))
    # Without leading zeros the longer number is the greater one.
    exceeds = (len(position), position) > (len(end), end)
    return whole("position_exceeds_end", value) if exceeds else None
