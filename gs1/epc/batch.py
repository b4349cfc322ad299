"""Answers about EPCs for ``python -m gs1 batch``: a dict for any text, never an exception."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from gs1.element_string import ElementString
from gs1.epc.identity import Epc
from gs1.epc.reading import from_hex, parse
from gs1.errors import Gs1Error

Answer = dict[str, object]


def batch_epc(text: str) -> Answer:
    """What an EPC URN, tag URI or class pattern says; ``ok`` False with ``err`` when invalid.

    Keys as far as they exist: ``scheme``, ``coding`` (SGTIN-96 …), ``epc`` (URN), ``tag`` (tag
    URI), ``hex``, ``key``, ``ai`` (bracketed), ``data``, ``dl``, ``hri``.

    >>> batch_epc("urn:epc:id:sgtin:9521141.012345.S1")["ai"]
    '(01)09521141123454(21)S1'
    """
    return _answer(parse, text)


def batch_hex(text: str) -> Answer:
    """The same for an EPC binary encoding in hexadecimal.

    >>> batch_hex("3076451FD40C0E4000000001")["epc"]
    'urn:epc:id:sgtin:9521141.012345.1'
    """
    return _answer(from_hex, text)


def _answer(read: Callable[[str], Epc], text: str) -> Answer:
    try:
        epc = read(text)
    except Gs1Error as error:
        return {"ok": False, "err": error.message, "code": error.code}
    answer: Answer = {"ok": True, "scheme": epc.scheme}
    if epc.tag:
        answer["coding"] = epc.tag.name
    # Not every EPC has every form: a '+' tag may have no known prefix, a GID has no AI.
    forms: dict[str, Callable[[], object]] = {
        "epc": epc.to_urn,
        "tag": epc.to_tag_uri,
        "hex": epc.to_hex,
        "key": epc.gs1_key,
        "dl": epc.to_digital_link,
    }
    for name, form in forms.items():
        with suppress(Gs1Error):
            answer[name] = form()
    if answer["key"] is None:
        del answer["key"]
    return answer | _element_string(epc)


def _element_string(epc: Epc) -> Answer:
    """AI texts, unchecked: the TDS allows a few EPCs that the rules of the AIs do not."""
    with suppress(Gs1Error):
        items = epc.to_items()
        if items:
            text = ElementString(items)
            return {"ai": text.to_bracketed(), "data": text.to_data(), "hri": text.to_hri()}
    return {}
