"""Where the modules of a matrix symbol belong: fixed patterns, codewords, blocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scanner.quality.reed_solomon import Field, correct

Grid = npt.NDArray[np.int16]
Modules = npt.NDArray[np.bool_]  # True for dark

UNFIXED, NO_CODEWORD = -1, -1


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """The plan of one symbol, without its quiet zone of ``quiet`` modules.

    ``fixed`` holds 1 for always dark, 0 for always light, -1 elsewhere. ``codeword`` and ``bit``
    say which bit of which codeword a module shows (-1: none), ``mask`` where it is shown inverted.
    ``blocks`` list the codewords of each Reed–Solomon block, the last ``checks`` of them error
    correction, of which ``reserved`` only guard against a wrong decode.
    """

    kind: str
    fixed: Grid
    codeword: Grid
    bit: Grid
    mask: Modules
    blocks: tuple[tuple[int, ...], ...]
    checks: int
    reserved: int
    field: Field
    quiet: int

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        rows, columns = self.fixed.shape
        return rows, columns

    @property
    def capacity(self) -> int:
        """Codewords per block that may be used up: errors count twice, erasures once."""
        return self.checks - self.reserved

    def read(self, modules: Modules) -> list[int]:
        """The codewords that the modules show."""
        shown = modules ^ self.mask
        codewords = np.zeros(int(self.codeword.max()) + 1, np.int64)
        held = self.codeword != NO_CODEWORD
        np.add.at(codewords, self.codeword[held], shown[held].astype(np.int64) << self.bit[held])
        return [int(value) for value in codewords]

    def expected(self, modules: Modules) -> Modules:
        """The modules as they were meant; raises :class:`Uncorrectable`.

        Modules that neither belong to a fixed pattern nor to a codeword stay as they are.
        """
        codewords = self.read(modules)
        right = list(codewords)
        for block in self.blocks:
            fixed = correct(self.field, [codewords[i] for i in block], self.checks)
            for place, value in zip(block, fixed, strict=True):
                right[place] = value
        return self.drawn(right, modules)

    def drawn(self, codewords: Sequence[int], ground: Modules) -> Modules:
        """The symbol of some codewords over ``ground``, which shows in modules without meaning."""
        held = self.codeword != NO_CODEWORD
        out = np.where(self.fixed == UNFIXED, ground, self.fixed == 1)
        values = np.asarray(codewords)[self.codeword[held]]
        out[held] = ((values >> self.bit[held]) & 1).astype(bool) ^ self.mask[held]
        return out

    def bad_by_block(self, wrong: Modules) -> list[int]:
        """How many codewords of each block hold a ``wrong`` module."""
        hit = set(self.codeword[wrong & (self.codeword != NO_CODEWORD)].tolist())
        return [sum(place in hit for place in block) for block in self.blocks]

    def unused_correction(self, wrong: Modules) -> float:
        """Unused error correction with the codewords of ``wrong`` modules as errors.

        ISO/IEC 15415: 1 − (e + 2t) / (d − p) of the worst block; never below 0.
        """
        worst = max(self.bad_by_block(wrong))
        return max(0.0, 1 - 2 * worst / self.capacity)
