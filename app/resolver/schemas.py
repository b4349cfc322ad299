"""What was asked for: the code that a text or a photo is about, and what else was there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.resolver.rules import Subject
    from scanner.reading import Reading, Symbol


@dataclass(frozen=True, slots=True)
class Asked:
    """The code that a scan is about.

    ``others`` are further products or units in the same photo, ``other_products`` the printed
    numbers of codes that contradict each other on one pack, the chosen one first. ``hidden`` is a
    hidden one-time code that came along. ``unread`` says why a photo gave no code. ``shelf`` holds
    each pack of a photo that shows several, as they stand: by rows, from the left.
    """

    subject: Subject
    hidden: str = ""
    symbol: Symbol | None = None
    others: tuple[Subject, ...] = ()
    other_products: tuple[str, ...] = ()
    payment_beside: bool = False
    unread: str = ""
    reading: Reading | None = None
    shelf: tuple[tuple[Subject, Symbol], ...] = ()
