"""North American coupon data: AI (8110) and AI (8112).

Fields stand one after the other; many begin with a digit that tells their length, the "variable
length indicator" (VLI).
"""

from __future__ import annotations

from gs1.linters.charset import csetnumeric
from gs1.linters.check import GcpLookup, gcppos1
from gs1.linters.dates import yymmdd
from gs1.linters.fault import Fault

_ORDINALS = ("1st", "2nd", "3rd")


class _Broken(Exception):
    """Carries the fault from a field to the linter."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault


class _Reader:
    """Reads fields from left to right; raises _Broken at the first wrong one."""

    def __init__(self, text: str, lookup: GcpLookup | None) -> None:
        self.text = text
        self.position = 0
        self.lookup = lookup

    def digit(self, missing: str, invalid: str | None, allowed: str) -> str:
        """One digit out of ``allowed``."""
        if self.position == len(self.text):
            raise _Broken(Fault(f"coupon_{missing}", 0, len(self.text)))
        digit = self.text[self.position]
        if invalid and digit not in allowed:
            raise _Broken(Fault(f"coupon_{invalid}", self.position, 1))
        self.position += 1
        return digit

    def take(self, length: int, truncated: str) -> str:
        """Exactly ``length`` characters."""
        rest = len(self.text) - self.position
        if rest < length:
            start, size = (self.position, rest) if rest else (0, len(self.text))
            raise _Broken(Fault(f"coupon_{truncated}", start, size))
        self.position += length
        return self.text[self.position - length : self.position]

    def sized(self, name: str, allowed: str, plus: int, absent: str = "") -> str:
        """A field after its VLI; the VLI ``absent`` says that the field is not there."""
        vli = self.digit(f"missing_{name}_vli", f"invalid_{name}_length", allowed + absent)
        return "" if vli == absent else self.take(int(vli) + plus, f"truncated_{name}")

    def prefix(self, name: str, allowed: str, absent: str = "") -> None:
        """A company prefix after its VLI."""
        value = self.sized(name, allowed, 6, absent)
        fault = gcppos1(value, self.lookup) if value else None
        if fault:
            raise _Broken(Fault(fault.code, self.position - len(value), len(value)))

    def option(self, mark: str) -> bool:
        """Whether the optional field ``mark`` comes next; skips its mark."""
        if self.text[self.position : self.position + 1] != mark:
            return False
        self.position += 1
        return True

    def requirement(self, ordinal: str) -> None:
        """Purchase requirement, its code and the family code of one purchase."""
        name = f"{ordinal}_purchase_requirement"
        self.sized(name, "12345", plus=0)
        self.digit(f"missing_{name}_code", f"invalid_{name}_code", "012349")
        self.take(3, f"truncated_{ordinal}_purchase_family_code")

    def date(self, name: str, invalid: str) -> str:
        """A date YYMMDD."""
        value = self.take(6, f"too_short_for_{name}_date")
        if yymmdd(value):
            raise _Broken(Fault(f"coupon_{invalid}", self.position - 6, 6))
        return value

    def end(self) -> None:
        """Nothing may follow."""
        rest = len(self.text) - self.position
        if rest:
            raise _Broken(Fault("coupon_excess_data", self.position, rest))


def couponcode(value: str, lookup: GcpLookup | None = None) -> Fault | None:
    """Coupon code of AI (8110), North American Coupon Application Guideline.

    >>> couponcode("012345612345611110123")
    >>> couponcode("0123456")
    Fault(code='coupon_truncated_offer_code', start=0, length=7)
    """
    if fault := csetnumeric(value):
        return fault
    reader = _Reader(value, lookup)
    try:
        reader.prefix("gcp", "0123456")
        reader.take(6, "truncated_offer_code")
        reader.sized("save_value", "12345", plus=0)
        reader.requirement(_ORDINALS[0])
        _options(reader)
        reader.end()
    except _Broken as broken:
        return broken.fault
    return None


def _options(reader: _Reader) -> None:
    """Optional fields 1 to 6 and 9; they keep this order."""
    if reader.option("1"):
        rules = "additional_purchase_rules_code"
        reader.digit(f"missing_{rules}", f"invalid_{rules}", "0123")
        reader.requirement(_ORDINALS[1])
        reader.prefix("2nd_purchase_gcp", "0123456", absent="9")
    if reader.option("2"):
        reader.requirement(_ORDINALS[2])
        reader.prefix("3rd_purchase_gcp", "0123456", absent="9")
    # The misspelling is part of the code's published name.
    expiry = reader.date("expiration", "invalid_exipiration_date") if reader.option("3") else None
    if reader.option("4"):
        start = reader.date("start", "invalid_start_date")
        if expiry is not None and start > expiry:
            raise _Broken(Fault("coupon_expiration_before_start", reader.position - 14, 14))
    if reader.option("5"):
        reader.sized("serial_number", "0123456789", plus=6)
    if reader.option("6"):
        reader.prefix("retailer_gcp_or_gln", "1234567")
    if reader.option("9"):
        _miscellaneous(reader)


def _miscellaneous(reader: _Reader) -> None:
    applies = "save_value_applies_to_item"
    reader.digit("missing_save_value_code", "invalid_save_value_code", "01256")
    reader.digit(f"missing_{applies}", f"invalid_{applies}", "012")
    reader.digit("missing_store_coupon_flag", None, "")
    reader.digit("missing_dont_multiply_flag", "invalid_dont_multiply_flag", "01")


def couponposoffer(value: str) -> Fault | None:
    """Positive offer file coupon of AI (8112).

    >>> couponposoffer("001234561234560123456")
    >>> couponposoffer("2")
    Fault(code='coupon_invalid_format_code', start=0, length=1)
    """
    if fault := csetnumeric(value):
        return fault
    reader = _Reader(value, None)
    try:
        reader.digit("missing_format_code", "invalid_format_code", "01")
        reader.sized("funder", "0123456", plus=6)
        reader.take(6, "truncated_offer_code")
        reader.sized("serial_number", "0123456789", plus=6)
        reader.end()
    except _Broken as broken:
        return broken.fault
    return None
