"""GSRN: Global Service Relation Number (GS1 General Specifications 2.5, 3.9.8, 3.9.9)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from gs1.keys.key import IdentificationKey


@dataclass(frozen=True, slots=True)
class Gsrn(IdentificationKey):
    """The recipient in a service relation: 18 digits with a valid check digit, AI (8018).

    >>> str(Gsrn.parse("952114112345678906"))
    '952114112345678906'
    """

    ai: ClassVar[str] = "8018"
    title: ClassVar[str] = "GSRN"
    clause: ClassVar[str] = "GS1 General Specifications 3.9.9"

    def _check(self) -> None:
        self._check_digits(self.value, 18)


@dataclass(frozen=True, slots=True)
class GsrnProvider(Gsrn):
    """The provider in a service relation: the same number space, AI (8017).

    >>> GsrnProvider.parse("952114112345678906") == Gsrn.parse("952114112345678906")
    False
    """

    ai: ClassVar[str] = "8017"
    title: ClassVar[str] = "GSRN - PROVIDER"
    clause: ClassVar[str] = "GS1 General Specifications 3.9.8"
