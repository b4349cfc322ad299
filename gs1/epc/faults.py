"""The one way to make an EPC error: a code, a position and the clause of the TDS."""

from __future__ import annotations

from gs1.errors import EpcError

TDS = "EPC Tag Data Standard 2.3"


def fault(code: str, message: str, clause: str, position: int | None = None) -> EpcError:
    """EpcError for the rule ``code``; ``clause`` is a section of the TDS.

    >>> fault("epc_urn", "no EPC URN", "6.3", 0).clause
    'EPC Tag Data Standard 2.3, 6.3'
    """
    return EpcError(message, code=code, position=position, clause=f"{TDS}, {clause}")
