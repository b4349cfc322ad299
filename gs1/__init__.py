"""GS1 standards as pure functions and value objects; no input or output, clock or network.

The main names are here; each is loaded when it is first used.

>>> import gs1
>>> gs1.ElementString.parse_bracketed("(01)09521234543213").to_digital_link()
'https://id.gs1.org/01/09521234543213'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gs1.digital_link import DigitalLink, LinkTemplate
    from gs1.element_string import ElementString
    from gs1.errors import Gs1Error
    from gs1.options import Options
    from gs1.scan_data import ScanData, Symbology, to_scan_data

__all__ = [
    "DigitalLink",
    "ElementString",
    "Gs1Error",
    "LinkTemplate",
    "Options",
    "ScanData",
    "Symbology",
    "to_scan_data",
]

_MODULES = {
    "DigitalLink": "gs1.digital_link",
    "ElementString": "gs1.element_string",
    "Gs1Error": "gs1.errors",
    "LinkTemplate": "gs1.digital_link",
    "Options": "gs1.options",
    "ScanData": "gs1.scan_data",
    "Symbology": "gs1.scan_data",
    "to_scan_data": "gs1.scan_data",
}


def __getattr__(name: str) -> object:
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(module), name)
