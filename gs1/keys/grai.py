"""GRAI: Global Returnable Asset Identifier (GS1 General Specifications 2.3.1, 3.9.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from gs1.keys.key import TypeKey


@dataclass(frozen=True, slots=True)
class Grai(TypeKey):
    """A type of returnable asset, or one asset of it: 13 digits and up to 16 serial characters.

    AI (8003) puts a zero before the key; ``ai_value`` has it, ``value`` has not.

    >>> Grai.from_ai_value("095211411234545678").serial
    '5678'
    """

    ai: ClassVar[str] = "8003"
    title: ClassVar[str] = "GRAI"
    clause: ClassVar[str] = "GS1 General Specifications 3.9.3"
    serial_maximum: ClassVar[int] = 16

    @classmethod
    def from_ai_value(cls, value: str) -> Self:
        """Read the data of AI (8003), which begins with the filler digit 0."""
        key = cls(value[1:])
        if value[0] != "0":
            raise key._fail("grai_filler", "AI (8003) begins with the digit 0", 0)
        return key

    @property
    def ai_value(self) -> str:
        """The data of AI (8003): a zero and the key."""
        return "0" + self.value
