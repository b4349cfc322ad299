"""GCN: Global Coupon Number (GS1 General Specifications 2.6.2, 3.5.5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from gs1.keys.key import DIGITS, TypeKey


@dataclass(frozen=True, slots=True)
class Gcn(TypeKey):
    """A coupon, or one copy of it: 13 digits and up to 12 serial digits.

    >>> Gcn.parse("952114167890904711").serial
    '04711'
    """

    ai: ClassVar[str] = "255"
    title: ClassVar[str] = "GCN"
    clause: ClassVar[str] = "GS1 General Specifications 3.5.5"
    serial_charset: ClassVar[str] = DIGITS
    serial_maximum: ClassVar[int] = 12
