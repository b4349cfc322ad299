"""Scan data: what a reader transmits, its symbology identifier first, and the way back.

Symbology identifiers are those of ISO/IEC 15424 that General Specifications 5.1.3 lists.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gs1 import associations
from gs1.ai_text import GS, LONGEST, MOST_AIS, check_size, read_raw
from gs1.check_digit import check_digit, weighted_sum
from gs1.component import FNC1, READERS
from gs1.element_string import SCHEMES, ElementString, elements_of
from gs1.errors import CheckDigitError, FormatError, Gs1Error
from gs1.options import STRICT, Options

_CLAUSE = "GS1 General Specifications 5.1.3"
_COMPOSITE = "]e0"


class Symbology(StrEnum):
    """Symbologies by the names of the GS1 Syntax Engine.

    >>> to_scan_data(Symbology.EAN_8, "96385074")
    ']E496385074'
    """

    DATABAR_OMNI = "DataBarOmni"
    DATABAR_TRUNCATED = "DataBarTruncated"
    DATABAR_STACKED = "DataBarStacked"
    DATABAR_STACKED_OMNI = "DataBarStackedOmni"
    DATABAR_LIMITED = "DataBarLimited"
    DATABAR_EXPANDED = "DataBarExpanded"
    UPC_A = "UPCA"
    UPC_E = "UPCE"
    EAN_13 = "EAN13"
    EAN_8 = "EAN8"
    ITF_14 = "ITF14"
    GS1_128_CCA = "GS1_128_CCA"
    GS1_128_CCC = "GS1_128_CCC"
    QR = "QR"
    DATA_MATRIX = "DM"
    DOT_CODE = "DotCode"


_EXPANDED = (Symbology.GS1_128_CCA, Symbology.GS1_128_CCC, Symbology.DATABAR_EXPANDED)
_DATABAR_14 = (
    Symbology.DATABAR_OMNI,
    Symbology.DATABAR_TRUNCATED,
    Symbology.DATABAR_STACKED,
    Symbology.DATABAR_STACKED_OMNI,
    Symbology.DATABAR_LIMITED,
)
#: Identifiers of symbols that hold element strings.
_WITH_AIS = {
    "C1": Symbology.GS1_128_CCA,
    "e0": Symbology.DATABAR_EXPANDED,
    "d2": Symbology.DATA_MATRIX,
    "Q3": Symbology.QR,
    "J1": Symbology.DOT_CODE,
}
#: Identifiers of 2D symbols with any other data, a Digital Link URI among it.
_PLAIN = {"d1": Symbology.DATA_MATRIX, "Q1": Symbology.QR, "J0": Symbology.DOT_CODE}
#: Identifiers of symbols that hold one number, with the digits of that number and of add-ons.
_NUMBERS = {
    "E0": (Symbology.EAN_13, 13, (0,)),
    "E3": (Symbology.EAN_13, 13, (2, 5)),
    "E4": (Symbology.EAN_8, 8, (0,)),
    "I1": (Symbology.ITF_14, 14, (0,)),
}
_SYMBOL_IDS = {symbology: f"]{code}" for code, symbology in (_WITH_AIS | _PLAIN).items()}


@dataclass(frozen=True, slots=True)
class ScanData:
    """One transmission of a reader.

    ``data``: the message as the symbol holds it, ``^`` for FNC1; a message of other data that would
    begin like one is escaped with a backslash. ``element_string``: its elements, if it has any.

    >>> scan = ScanData.parse("]d2010952123454321310ABC")
    >>> scan.symbology, scan.data
    (<Symbology.DATA_MATRIX: 'DM'>, '^010952123454321310ABC')
    """

    symbology: Symbology
    data: str
    element_string: ElementString | None = None

    @classmethod
    def parse(cls, text: str, options: Options = STRICT) -> ScanData:
        """Scan data from ``text``; raises a subclass of Gs1Error.

        >>> ScanData.parse("]Q1https://example.com/01/09521234543213").element_string.items
        (('01', '09521234543213'),)
        """
        if len(text) < 3 or text[0] != "]":
            raise _broken("Missing symbology identifier", "missing_symbology_identifier", 0)
        code, message = text[1:3], text[3:]
        check_size(message, LONGEST - 1)
        try:
            if code in _WITH_AIS:
                return _read_elements(_WITH_AIS[code], message, options)
            if code in _PLAIN:
                return _read_plain(_PLAIN[code], message, options)
            if code in _NUMBERS:
                return _read_number(message, *_NUMBERS[code], options)
        except Gs1Error as error:
            # Below this function positions are those in the message.
            if error.position is not None:
                error.position += 3
            raise
        raise _broken("Unsupported symbology identifier", "unknown_symbology_identifier", 1)

    def to_element_string(self) -> ElementString:
        """Elements of the message; a number of EAN, UPC or ITF-14 becomes AI (01).

        Raises FormatError for a message without elements.
        """
        digits = {Symbology.EAN_13: 13, Symbology.EAN_8: 8, Symbology.ITF_14: 14}
        number = self.data[: digits.get(self.symbology, 0)]
        if number:
            rest = self.element_string.items if self.element_string else ()
            return ElementString((("01", number.zfill(14)), *rest))
        if self.element_string is None:
            raise _broken("The message holds no GS1 data", "no_elements", 3)
        return self.element_string


def _read_elements(symbology: Symbology, message: str, options: Options) -> ScanData:
    elements = _elements(message, 0, options)
    return ScanData(symbology, FNC1 + message.replace(GS, FNC1), elements)


def _elements(message: str, offset: int, options: Options) -> ElementString:
    # Not parse_raw: the identifier stands for the leading FNC1, so a GS in front is one too many.
    items = tuple(read_raw(message, offset, MOST_AIS, options))
    associations.check(items, options)
    return ElementString(items)


def _read_plain(symbology: Symbology, message: str, options: Options) -> ScanData:
    if message.startswith(SCHEMES):
        return ScanData(symbology, message, ElementString.parse_data(message, options))
    return ScanData(symbology, "\\" + message if _looks_escaped(message) else message)


def _looks_escaped(message: str) -> bool:
    """Whether plain data begins like FNC1, after any number of backslashes."""
    return message.lstrip("\\").startswith(FNC1)


def _read_number(
    message: str, symbology: Symbology, digits: int, add_ons: tuple[int, ...], options: Options
) -> ScanData:
    main, bar, composite = message.partition(f"|{_COMPOSITE}")
    if len(message) < digits + min(add_ons):
        raise _broken("Primary scan data is too short", "primary_too_short", len(message))
    if len(main) - digits not in add_ons:
        raise _broken("Primary message is too long", "primary_too_long", digits)
    if not (main.isascii() and main.isdigit()):
        raise _broken("Primary message may only contain digits", "non_digit_character", 0)
    if weighted_sum(main[:digits]) % 10:
        raise CheckDigitError(
            "Primary message check digit is incorrect",
            code="incorrect_check_digit",
            ai="01",
            position=digits - 1,
            clause="GS1 General Specifications 7.9.1",
        )
    if not bar:
        return ScanData(symbology, main)
    elements = _elements(composite, digits + len(bar), options)
    return ScanData(symbology, f"{main}|{FNC1}{composite.replace(GS, FNC1)}", elements)


def to_scan_data(
    symbology: Symbology, data: str, *, add_check_digit: bool = False, options: Options = STRICT
) -> str:
    """What a reader transmits for a symbol that holds ``data``.

    ``data`` is checked first: ``^…`` element strings, a Digital Link URI, other text, or a number
    with ``|^…`` for the 2D component of a composite. ``add_check_digit`` computes the last digit of
    the number of an EAN/UPC or GS1 DataBar symbol.

    >>> to_scan_data(Symbology.QR, "^010952123454321310ABC^17271231")
    ']Q3010952123454321310ABC\\x1d17271231'
    >>> to_scan_data(Symbology.EAN_13, "952123454321", add_check_digit=True)
    ']E09521234543213'
    """
    elements = elements_of(data, options)
    linear, bar, composite = data.partition("|")
    if symbology in _EXPANDED:
        if elements is None or elements.composite == 0 or not data.startswith(FNC1):
            raise _broken("The symbol holds element strings only", "no_elements", 0)
        return _expanded(symbology, linear, composite if bar else None, elements)
    if symbology in (Symbology.QR, Symbology.DATA_MATRIX, Symbology.DOT_CODE):
        return _matrix(symbology, data)
    if symbology in _DATABAR_14:
        number = _primary(linear.removeprefix("^01"), 14, add_check_digit)
        if symbology is Symbology.DATABAR_LIMITED and number > "19999999999999":
            raise _broken("Primary data item value is too large", "primary_too_large", 0)
        return f"{_COMPOSITE}01{number}{_transmitted(composite)}"
    return _number(symbology, linear, composite if bar else None, add_check_digit)


def _matrix(symbology: Symbology, data: str) -> str:
    if data.startswith(FNC1):
        code = next(code for code, known in _WITH_AIS.items() if known is symbology)
        return f"]{code}{_transmitted(data)}"
    code = next(code for code, known in _PLAIN.items() if known is symbology)
    return f"]{code}{data[1:] if data.startswith(chr(92)) and _looks_escaped(data) else data}"


def _expanded(
    symbology: Symbology, linear: str, composite: str | None, elements: ElementString
) -> str:
    if composite is None:
        code = _COMPOSITE if symbology is Symbology.DATABAR_EXPANDED else "]C1"
        return code + _transmitted(linear)
    last = elements.items[(elements.composite or 1) - 1][0]
    separator = GS if READERS[last].entry.separator else ""
    return _COMPOSITE + _transmitted(linear) + separator + _transmitted(composite)


def _number(symbology: Symbology, linear: str, composite: str | None, add_check_digit: bool) -> str:
    lengths = {Symbology.EAN_13: 13, Symbology.EAN_8: 8, Symbology.ITF_14: 14}
    length = lengths.get(symbology, 12)
    number = linear.removeprefix("^01" + "0" * (14 - length))
    number = _primary(number, length, add_check_digit)
    codes = {Symbology.EAN_8: "]E4", Symbology.ITF_14: "]I1"}
    # UPC-A and UPC-E are transmitted as the thirteen digits of EAN-13.
    text = codes.get(symbology, "]E0") + (number.zfill(13) if length == 12 else number)
    return text if composite is None else f"{text}|{_COMPOSITE}{_transmitted(composite)}"


def _primary(number: str, length: int, add_check_digit: bool) -> str:
    expected = length - 1 if add_check_digit else length
    if len(number) != expected:
        suffix = " without check digit" if add_check_digit else ""
        raise _broken(f"Primary data must be {expected} digits{suffix}", "primary_length", 0)
    if not (number.isascii() and number.isdigit()):
        raise _broken("Primary data must be all digits", "non_digit_character", 0)
    if add_check_digit:
        return number + check_digit(number)
    if weighted_sum(number) % 10:
        raise CheckDigitError(
            "Primary data check digit is incorrect",
            code="incorrect_check_digit",
            ai="01",
            position=length - 1,
            clause="GS1 General Specifications 7.9.1",
        )
    return number


def _transmitted(data: str) -> str:
    """Data without its leading FNC1, GS for the others."""
    return data[1:].replace(FNC1, GS)


def _broken(message: str, code: str, position: int) -> FormatError:
    return FormatError(message, code=code, position=position, clause=_CLAUSE)
