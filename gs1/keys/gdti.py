"""GDTI: Global Document Type Identifier (GS1 General Specifications 3.5.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from gs1.keys.key import TypeKey


@dataclass(frozen=True, slots=True)
class Gdti(TypeKey):
    """A document type, or one document of it: 13 digits and up to 17 serial characters.

    >>> Gdti.parse("9521141123454A1").serial
    'A1'
    """

    ai: ClassVar[str] = "253"
    title: ClassVar[str] = "GDTI"
    clause: ClassVar[str] = "GS1 General Specifications 3.5.3"
    serial_maximum: ClassVar[int] = 17
