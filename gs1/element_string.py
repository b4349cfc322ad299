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
from typing import NoReturn

from gs1 import associations, dictionary, hri
from gs1.component import CLAUSE, FNC1, READERS, Reader, check_length, diagnose, reader_for
from gs1.errors import FormatError, Gs1Error
from gs1.options import STRICT, Options

GS = "\x1d"
#: Schemes of a Digital Link URI; mixed case is not one.
SCHEMES = ("http://", "https://", "HTTP://", "HTTPS://")
#: Characters that the text of one symbol may have.
LONGEST = 8191
#: Element strings that one object may have.
MOST_AIS = 64

Item = tuple[str, str]
Items = tuple[Item, ...]


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
            text = _normalised(text)
        return _joined(text, options, read_data)

    @classmethod
    def parse_raw(cls, text: str, options: Options = STRICT) -> ElementString:
        """Element string as transmitted without symbology identifier: GS as separator.

        >>> ElementString.parse_raw("010952123454321310ABC\\x1d17271231").get("17")
        '271231'
        """
        check_size(text)
        return _joined(FNC1 + _normalised(text.removeprefix(GS)), options, read_data)

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
            return _data(self.items)
        return _data(self.items[: self.composite]) + "|" + _data(self.items[self.composite :])

    def to_raw(self) -> str:
        """Text with GS between elements that ``parse_raw`` reads."""
        return _data(self.items)[1:].replace(FNC1, GS)

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
    items = tuple(read_data(rest, len(plain) + 1, MOST_AIS - 1, options))
    associations.check(items, options)
    return ElementString(items, composite=0)


def check_item(ai: str, value: str, position: int, options: Options = STRICT) -> None:
    """Raise for an unknown AI or a value its rules refuse.

    >>> check_item("11", "251301", 0)
    Traceback (most recent call last):
    ...
    gs1.errors.ComponentError: AI (11): The date contains an illegal month of the year.
    """
    reader = reader_for(ai, options)
    if reader is None:
        raise _unrecognised(ai, position)
    check_length(reader.entry, value, position)
    if not reader.accepts(value):
        diagnose(reader.entry, value, position)


def check_size(text: str, longest: int = LONGEST) -> None:
    """Raise FormatError when ``text`` is longer than any symbol holds."""
    if len(text) > longest:
        raise _broken(f"Maximum data length is {longest} characters", "input_too_long", longest)


_Read = Callable[[str, int, int, Options], list[Item]]


def _joined(text: str, options: Options, read: _Read) -> ElementString:
    """Read an element string, or both halves of a composite, and check how the AIs go together."""
    if "|" not in text:
        items = tuple(read(text, 0, MOST_AIS, options))
        associations.check(items, options)
        return ElementString(items)
    linear, _, rest = text.partition("|")
    first = read(linear, 0, MOST_AIS, options)
    # The bar takes the place of one AI, as in the reference engine.
    room = MOST_AIS - len(first) - 1
    if room < 0:
        raise _too_many(len(linear))
    items = (*first, *read(rest, len(linear) + 1, room, options))
    associations.check(items, options)
    return ElementString(items, composite=len(first))


def read_data(text: str, offset: int, room: int, options: Options) -> list[Item]:
    """Elements of ``^…``; ``offset`` is where ``text`` stands in what the caller was given."""
    if not text.startswith(FNC1):
        raise _broken("Missing FNC1 in first position", "missing_fnc1", offset)
    end = len(text)
    if end == 1:
        raise _broken("The AI data is empty", "empty", offset)
    lengths = dictionary.length_by_prefix()
    items: list[Item] = []
    position = 1
    while position < end:
        ai = text[position : position + lengths.get(text[position : position + 2], 0)]
        try:
            reader = READERS[ai]
        except KeyError:
            reader = _unknown_reader(ai, text, position, offset, options)
        position += len(ai)
        found = reader.match(text, position)
        if found is None:
            _refuse(reader, text, position, offset)
        value = found[1]
        for part, linter in reader.checks:
            component = value[part]
            if component and linter(component):
                _refuse(reader, text, position, offset)
        if len(items) >= room:
            raise _too_many(offset + position)
        items.append((ai, value))
        position = found.end()
    return items


def _refuse(reader: Reader, text: str, position: int, offset: int) -> NoReturn:
    stop = text.find(FNC1, position)
    value = text[position:] if stop < 0 else text[position:stop]
    diagnose(reader.entry, value, offset + position)


def _unknown_reader(ai: str, text: str, position: int, offset: int, options: Options) -> Reader:
    reader = reader_for(ai, options) if ai else None
    if reader is None:
        prefix = text[position : position + 4]
        raise _broken(f"No known AI is a prefix of: {prefix}...", "unknown_ai", offset + position)
    return reader


def read_bracketed(text: str, offset: int, room: int, options: Options) -> list[Item]:
    """Elements of ``(01)…``; lengths of all values are looked at before the content of any."""
    if not text:
        raise _broken("Missing FNC1 in first position", "missing_fnc1", offset)
    found: list[tuple[Reader, str, str, int]] = []
    position = 0
    while position < len(text):
        close = text.find(")", position)
        if text[position] != "(" or close < 0:
            raise _broken("Failed to parse AI data", "brackets", offset + position)
        ai = text[position + 1 : close]
        reader = reader_for(ai, options)
        if reader is None:
            raise _unrecognised(ai, offset + position + 1)
        start = close + 1
        if start == len(text):
            raise _broken("Failed to parse AI data", "brackets", offset + start)
        position = _end_of_value(text, start)
        value = text[start:position].replace("\\(", "(")
        check_length(reader.entry, value, offset + start)
        if len(found) >= room:
            raise _too_many(offset + start)
        found.append((reader, ai, value, start))
    for reader, _, value, start in found:
        if not reader.accepts(value):
            _refuse_bracketed(reader, text, value, start, offset)
    return [(ai, value) for _, ai, value, _ in found]


def _end_of_value(text: str, start: int) -> int:
    bracket = text.find("(", start)
    while bracket >= 0 and text[bracket - 1] == "\\":
        bracket = text.find("(", bracket + 1)
    return len(text) if bracket < 0 else bracket


def _refuse_bracketed(reader: Reader, text: str, value: str, start: int, offset: int) -> NoReturn:
    try:
        diagnose(reader.entry, value, 0)
    except Gs1Error as error:
        # An escape before the fault makes the text longer than the value.
        within = error.position or 0
        error.position = offset + start + within + value[:within].count("(")
        raise


def _normalised(text: str) -> str:
    """Text with GS as separator, rewritten to have ``^``."""
    caret = text.find(FNC1)
    if caret >= 0:
        raise _broken("Scan data contains illegal ^ character", "illegal_caret", caret)
    return text.replace(GS, FNC1)


def _data(items: Items) -> str:
    parts = []
    separator = True
    for ai, value in items:
        parts.append(f"{FNC1}{ai}{value}" if separator else f"{ai}{value}")
        reader = reader_for(ai, _PERMISSIVE)
        separator = reader is None or reader.entry.separator
    return "".join(parts)


_PERMISSIVE = Options(unknown_ais=True)


def _broken(message: str, code: str, position: int) -> FormatError:
    return FormatError(message, code=code, position=position, clause=CLAUSE)


def _unrecognised(ai: str, position: int) -> FormatError:
    return _broken(f"Unrecognised AI: {ai[:90]}", "unknown_ai", position)


def _too_many(position: int) -> FormatError:
    return _broken("Too many AIs", "too_many_ais", position)
