"""What a caller lets pass beyond the strict rules; the names follow the GS1 Syntax Engine."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """Leniency of parsing; the defaults are the strict rules.

    ``unknown_ais``: accept AIs outside the dictionary, as up to 90 characters of CSET 82.
    ``unknown_attributes``: let such an AI be a Digital Link data attribute as well.
    ``zero_suppressed_gtin``: pad a GTIN-8, -12 or -13 in a Digital Link URI to 14 digits.
    ``convenience_alphas``: accept the withdrawn names of AIs (``/gtin/``) in a Digital Link path.
    ``requisites``: check that AIs needed by others are present.

    >>> Options(unknown_ais=True).requisites
    True
    """

    unknown_ais: bool = False
    unknown_attributes: bool = False
    zero_suppressed_gtin: bool = False
    convenience_alphas: bool = False
    requisites: bool = True


STRICT = Options()
