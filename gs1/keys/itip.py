"""ITIP: Identification of an Individual Trade Item Piece (GS1 General Specifications 3.9.6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from gs1.keys.gtin import Gtin
from gs1.keys.key import IdentificationKey


@dataclass(frozen=True, slots=True)
class Itip(IdentificationKey):
    """Piece n of the m pieces of one trade item: GTIN-14 and twice two digits.

    >>> itip = Itip.parse("095211411234540102")
    >>> itip.piece, itip.total
    (1, 2)
    """

    ai: ClassVar[str] = "8006"
    title: ClassVar[str] = "ITIP"
    clause: ClassVar[str] = "GS1 General Specifications 3.9.6"
    prefix_offset: ClassVar[int] = 1

    def _check(self) -> None:
        self._require_digits(self.value, 18)
        self._check_digits(self.value[:14], 14)
        if not self.piece or not self.total:
            position = 14 if not self.piece else 16
            raise self._fail("zero_piece", "piece and total are 1 or more", position)
        if self.piece > self.total:
            raise self._fail("piece_above_total", "the piece is beyond the total", 14)

    @property
    def gtin(self) -> Gtin:
        """The whole trade item."""
        return Gtin(self.value[:14])

    @property
    def piece(self) -> int:
        """Number of this piece, from 1."""
        return int(self.value[14:16])

    @property
    def total(self) -> int:
        """How many pieces make the trade item."""
        return int(self.value[16:])
