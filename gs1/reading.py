"""Reading text of unknown form: which GS1 syntax it has, and the one strict reading of that.

Nothing is repaired here. ``gs1.faults`` proposes repairs and holds each against this reading;
``gs1.identify`` decides what a text is.
"""

from __future__ import annotations

import re
from enum import StrEnum

from gs1 import dictionary
from gs1.component import FNC1
from gs1.digital_link import DigitalLink
from gs1.element_string import GS, SCHEMES, ElementString
from gs1.errors import FormatError
from gs1.keys import Gtin
from gs1.scan_data import ScanData

_SCAN = re.compile(r"\][A-Za-z][0-9]")
_BRACKETED = re.compile(r"\(([0-9]{2,4})\)(\S+\Z)?")
_DATA = re.compile(r"\^[0-9]")
# Without FNC1 only the keys of fixed length are told from other text; a date may come first.
_RAW = re.compile(
    r"(?:1[1-7][0-9]{6})?"
    r"(?:00[0-9]{18}|0[1-3][0-9]{14}|25[35][0-9]{13}|402[0-9]{17}|41[0-7][0-9]{13}"
    r"|80030[0-9]{13}|80(?:06|17|18)[0-9]{18})"
)
_SEPARATED = re.compile(rf"{GS}?[0-9]{{2}}[^{GS}]*{GS}|{GS}[0-9]{{2}}")
_NUMBER = re.compile(r"[0-9]{8}|[0-9]{12,14}")


class Form(StrEnum):
    """Syntax in which GS1 data is written.

    >>> form_of("(01)09521234543213") is Form.BRACKETED
    True
    """

    SCAN = "scan"
    LINK = "link"
    BRACKETED = "bracketed"
    DATA = "data"
    RAW = "raw"
    NUMBER = "number"


def form_of(text: str) -> Form | None:
    """Syntax the text seems to have; None where it does not look like GS1 data at all.

    >>> form_of("010952123454321310ABC"), form_of("9521234543213"), form_of("hello")
    (<Form.RAW: 'raw'>, <Form.NUMBER: 'number'>, None)
    """
    if text.startswith(SCHEMES):
        return Form.LINK if DigitalLink.is_candidate(text) else None
    if _SCAN.match(text):
        return Form.SCAN
    bracketed = _BRACKETED.match(text)
    # A telephone number has brackets and spaces too, but no AI in them.
    if bracketed and (dictionary.lookup(bracketed[1]) or bracketed[2]):
        return Form.BRACKETED
    if _DATA.match(text):
        return Form.DATA
    if _NUMBER.fullmatch(text):
        return Form.NUMBER
    return Form.RAW if _SEPARATED.match(text) or _RAW.match(text) else None


def read(text: str, form: Form) -> ElementString:
    """Element string of the text; a plain GTIN gives AI (01). Raises a subclass of Gs1Error.

    >>> read("96385074", Form.NUMBER).items
    (('01', '00000096385074'),)
    """
    match form:
        case Form.SCAN:
            return ScanData.parse(text).to_element_string()
        case Form.LINK:
            return DigitalLink.parse(text).element_string
        case Form.BRACKETED:
            return ElementString.parse_bracketed(text)
        case Form.DATA:
            return ElementString.parse_data(text)
        case Form.RAW:
            if FNC1 in text:
                raise FormatError(
                    "FNC1 is written in two ways",
                    code="illegal_caret",
                    position=text.index(FNC1),
                    clause="GS1 General Specifications 7.8",
                )
            return ElementString.parse_raw(text)
    return ElementString((("01", Gtin.parse(text).gtin14),))
