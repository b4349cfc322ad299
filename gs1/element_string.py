"""Element strings: AIs with their values, as text with brackets, with FNC1, or as scanned.

Three texts of the same data (General Specifications 7.8):

- bracketed: ``(01)09521234543213(10)ABC``; a ``(`` within a value is written ``\\(``;
- data: ``^010952123454321310ABC``; ``^`` is FNC1, at the start and after every value that needs it;
- raw: the same without the leading FNC1 and with GS (character 29), as a scanner transmits it.

Each ``parse_*`` checks everything: syntax, character sets, linters and associations. Parsing is
linear in the length of the text, and longer text than any symbol holds is refused at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gs1 import associations, hri
from gs1.ai_text import (
    GS,
    LONGEST,
    MOST_AIS,
    Item,
    Items,
    check_item,
    check_size,
    format_data,
    read_bracketed,
    read_data,
    read_raw,
    too_many,
)
from gs1.component import FNC1
from gs1.options import STRICT, Options

__all__ = ["GS", "LONGEST", "MOST_AIS", "SCHEMES", "ElementString", "Item", "Items", "elements_of"]

#: Schemes of a Digital Link URI; mixed case is not one.
SCHEMES = ("http://", "https://", "HTTP://", "HTTPS://")


@dataclass(frozen=True, slots=True)
class ElementString:
    """AIs and values of one object, in the order they were read; valid once it exists.

    ``composite``: how many of the items come from the linear symbol of a composite symbol, the rest
    being from its 2D component; None for an ordinary symbol.

    >>> ElementString.parse_bracketed("(01)09521234543213(10)ABC").get("10")
    'ABC'
    """

    items: Items
    composite: int | None = None

    @classmethod
    def parse_bracketed(cls, text: str, options: Options = STRICT) -> ElementString:
        """Element string from ``(01)…(10)…``; the halves of a composite are parted by ``|``.

        Raises a subclass of Gs1Error with ai, position, code, clause and markup.

        >>> ElementString.parse_bracketed("(10)AB\\\\(C(01)09521234543213").to_data()
        '^10AB(C^0109521234543213'
        """
        check_size(text)
        return _joined(text, options, read_bracketed)

    @classmethod
    def parse_data(cls, text: str, options: Options = STRICT) -> ElementString:
        """Element string from data with FNC1 first (``^`` or GS), or from a Digital Link URI.

        >>> ElementString.parse_data("^010952123454321310ABC").to_bracketed()
        '(01)09521234543213(10)ABC'
        """
        if text.startswith(SCHEMES):
            from gs1.digital_link import DigitalLink

            return DigitalLink.parse(text, options).element_string
        check_size(text)
        if text.startswith(GS):
            return _checked(read_raw(text[1:], 1, MOST_AIS, options), options)
        return _joined(text, options, read_data)

    @classmethod
    def parse_raw(cls, text: str, options: Options = STRICT) -> ElementString:
        """Element string as transmitted without symbology identifier: GS as separator.

        >>> ElementString.parse_raw("010952123454321310ABC\\x1d17271231").get("17")
        '271231'
        """
        check_size(text)
        raw = text.removeprefix(GS)
        return _checked(read_raw(raw, len(text) - len(raw), MOST_AIS, options), options)

    @classmethod
    def parse_scan(cls, text: str, options: Options = STRICT) -> ElementString:
        """Element string from scan data, symbology identifier first; EAN/UPC gives AI (01).

        >>> ElementString.parse_scan("]E09521234543213").items
        (('01', '09521234543213'),)
        """
        from gs1.scan_data import ScanData

        return ScanData.parse(text, options).to_element_string()

    @classmethod
    def of(cls, items: Items, options: Options = STRICT) -> ElementString:
        """Element string of AIs with values from elsewhere, checked as if it had been read.

        >>> ElementString.of((("00", "095212345432132000"),))
        Traceback (most recent call last):
        ...
        gs1.errors.CheckDigitError: AI (00): The numeric check digit is incorrect.
        """
        for ai, value in items:
            check_item(ai, value, 0, options)
        associations.check(items, options)
        return cls(items)

    def get(self, ai: str) -> str | None:
        """Value of the first element with this AI, or None."""
        for known, value in self.items:
            if known == ai:
                return value
        return None

    def to_bracketed(self) -> str:
        """Text that ``parse_bracketed`` reads."""
        parts = [f"({ai})" + value.replace("(", "\\(") for ai, value in self.items]
        if self.composite is not None:
            parts.insert(self.composite, "|")
        return "".join(parts)

    def to_data(self) -> str:
        """Text with ``^`` for FNC1 that ``parse_data`` reads."""
        if self.composite is None:
            return format_data(self.items)
        return (
            format_data(self.items[: self.composite])
            + "|"
            + format_data(self.items[self.composite :])
        )

    def to_raw(self) -> str:
        """Text with GS between elements that ``parse_raw`` reads."""
        return format_data(self.items)[1:].replace(FNC1, GS)

    def to_digital_link(self, stem: str = "https://id.gs1.org", options: Options = STRICT) -> str:
        """GS1 Digital Link URI under ``stem``.

        Raises DigitalLinkError without a primary key, or with an AI that no URI can carry.

        >>> ElementString.parse_bracketed("(01)09521234543213(17)271231").to_digital_link()
        'https://id.gs1.org/01/09521234543213?17=271231'
        """
        from gs1.digital_link import DigitalLink

        return str(DigitalLink.build(self, stem, options))

    def to_hri(self, lang: str | None = None) -> list[str]:
        """Human readable lines, with data titles in "en" or "vi" if asked for.

        >>> ElementString.parse_bracketed("(01)09521234543213").to_hri("en")
        ['GTIN (01) 09521234543213']
        """
        return hri.lines(self.items, lang)


def elements_of(data: str, options: Options = STRICT) -> ElementString | None:
    """Elements within the data of any symbol; None where it is plain data without AIs.

    A composite whose linear symbol is plain gives the elements of its 2D component.

    >>> elements_of("HELLO") is None
    True
    """
    if data.startswith((FNC1, *SCHEMES)):
        return ElementString.parse_data(data, options)
    check_size(data)
    plain, bar, rest = data.partition("|")
    if not bar:
        return None
    return _checked(read_data(rest, len(plain) + 1, MOST_AIS - 1, options), options, composite=0)


_Read = Callable[[str, int, int, Options], list[Item]]


def _joined(text: str, options: Options, read: _Read) -> ElementString:
    """Read an element string, or both halves of a composite, and check how the AIs go together."""
    if "|" not in text:
        return _checked(read(text, 0, MOST_AIS, options), options)
    linear, _, rest = text.partition("|")
    first = read(linear, 0, MOST_AIS, options)
    # The bar takes the place of one AI, as in the reference engine.
    room = MOST_AIS - len(first) - 1
    if room < 0:
        raise too_many(len(linear))
    second = read(rest, len(linear) + 1, room, options)
    return _checked(first + second, options, composite=len(first))


def _checked(found: list[Item], options: Options, composite: int | None = None) -> ElementString:
    items = tuple(found)
    associations.check(items, options)
    return ElementString(items, composite)
