"""What a linter answers when a component is not allowed."""

from __future__ import annotations

from typing import NamedTuple


class Fault(NamedTuple):
    """The rule broken (``code``) and where: ``start`` and ``length`` within the component.

    >>> fault = Fault("illegal_month", 2, 2)
    >>> "251331"[fault.start : fault.start + fault.length]
    '13'
    """

    code: str
    start: int
    length: int


def whole(code: str, value: str) -> Fault:
    """Fault that covers the whole component.

    >>> whole("not_zero", "10")
    Fault(code='not_zero', start=0, length=2)
    """
    return Fault(code, 0, len(value))
