"""The three texts of AIs with their values: reading from left to right, and writing.

Reading gives the pairs and checks every value; how the AIs go together is for gs1.associations.
``offset`` is where the text stands in what the caller was given, for the position of an error, and
``room`` how many elements there may be.
"""

from __future__ import annotations

from typing import NoReturn

from gs1 import dictionary
from gs1.component import CLAUSE, FNC1, READERS, Reader, check_length, diagnose, reader_for
from gs1.errors import FormatError, Gs1Error
from gs1.options import STRICT, Options

GS = "\x1d"
#: Characters that the text of one symbol may have.
LONGEST = 8191
#: Element strings that one object may have.
MOST_AIS = 64

Item = tuple[str, str]
Items = tuple[Item, ...]
_PERMISSIVE = Options(unknown_ais=True)


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
    """Raise FormatError when ``text`` is longer than any symbol holds.

    >>> check_size("^10A", longest=3)
    Traceback (most recent call last):
    ...
    gs1.errors.FormatError: Maximum data length is 3 characters
    """
    if len(text) > longest:
        raise broken(f"Maximum data length is {longest} characters", "input_too_long", longest)


def read_data(text: str, offset: int, room: int, options: Options) -> list[Item]:
    """Elements of ``^…``; ``offset`` is where ``text`` stands in what the caller was given.

    >>> read_data("^0109521234543213^10A", 0, MOST_AIS, STRICT)
    [('01', '09521234543213'), ('10', 'A')]
    """
    if not text.startswith(FNC1):
        raise broken("Missing FNC1 in first position", "missing_fnc1", offset)
    end = len(text)
    if end == 1:
        raise broken("The AI data is empty", "empty", offset)
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
            raise too_many(offset + position)
        items.append((ai, value))
        position = found.end()
    return items


def read_raw(text: str, offset: int, room: int, options: Options) -> list[Item]:
    """Elements of text with GS between them and none in front.

    >>> read_raw("10A\\x1d21B", 0, MOST_AIS, STRICT)
    [('10', 'A'), ('21', 'B')]
    """
    caret = text.find(FNC1)
    if caret >= 0:
        message = "Scan data contains illegal ^ character"
        raise broken(message, "illegal_caret", offset + caret)
    return read_data(FNC1 + text.replace(GS, FNC1), offset - 1, room, options)


def _refuse(reader: Reader, text: str, position: int, offset: int) -> NoReturn:
    stop = text.find(FNC1, position)
    value = text[position:] if stop < 0 else text[position:stop]
    diagnose(reader.entry, value, offset + position)


def _unknown_reader(ai: str, text: str, position: int, offset: int, options: Options) -> Reader:
    reader = reader_for(ai, options) if ai else None
    if reader is None:
        prefix = text[position : position + 4]
        raise broken(f"No known AI is a prefix of: {prefix}...", "unknown_ai", offset + position)
    return reader


def read_bracketed(text: str, offset: int, room: int, options: Options) -> list[Item]:
    """Elements of ``(01)…``; lengths of all values are looked at before the content of any.

    >>> read_bracketed("(10)A\\\\(B(21)C", 0, MOST_AIS, STRICT)
    [('10', 'A(B'), ('21', 'C')]
    """
    if not text:
        raise broken("Missing FNC1 in first position", "missing_fnc1", offset)
    found: list[tuple[Reader, str, str, int]] = []
    position = 0
    while position < len(text):
        close = text.find(")", position)
        if text[position] != "(" or close < 0:
            raise broken("Failed to parse AI data", "brackets", offset + position)
        ai = text[position + 1 : close]
        reader = reader_for(ai, options)
        if reader is None:
            raise _unrecognised(ai, offset + position + 1)
        start = close + 1
        if start == len(text):
            raise broken("Failed to parse AI data", "brackets", offset + start)
        position = _end_of_value(text, start)
        value = text[start:position].replace("\\(", "(")
        check_length(reader.entry, value, offset + start)
        if len(found) >= room:
            raise too_many(offset + start)
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


def format_data(items: Items) -> str:
    """Text with ``^`` for FNC1: in front, and after every value of no predefined length.

    >>> format_data((("10", "A"), ("17", "271231"), ("99", "B")))
    '^10A^1727123199B'
    """
    parts = []
    separator = True
    for ai, value in items:
        parts.append(f"{FNC1}{ai}{value}" if separator else f"{ai}{value}")
        reader = reader_for(ai, _PERMISSIVE)
        separator = reader is None or reader.entry.separator
    return "".join(parts)


def broken(message: str, code: str, position: int) -> FormatError:
    """Error about the form of a text.

    >>> broken("Too many AIs", "too_many_ais", 7).position
    7
    """
    return FormatError(message, code=code, position=position, clause=CLAUSE)


def _unrecognised(ai: str, position: int) -> FormatError:
    return broken(f"Unrecognised AI: {ai[:90]}", "unknown_ai", position)


def too_many(position: int) -> FormatError:
    """Error about an element, or the bar of a composite, beyond the last one there may be.

    >>> too_many(7).code
    'too_many_ais'
    """
    return broken("Too many AIs", "too_many_ais", position)
