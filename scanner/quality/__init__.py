"""Print quality of a photographed symbol, by the methods of ISO/IEC 15416 and ISO/IEC 15415.

A verifier measures with a calibrated light, aperture and distance; a photo has none of them. What
this package gives is the *method* on an *uncalibrated photo*: values and indicative grades that
tell a printer what to look at, never an ISO grade. Importing it loads the standard library only;
the measuring modules run in the decoder process.
"""

from __future__ import annotations

from scanner.quality.report import (
    Card,
    Parameter,
    Patch,
    PhotoFacts,
    Picture,
    Profile,
    QualityReport,
    SymbolQuality,
)

__all__ = [
    "Card",
    "Parameter",
    "Patch",
    "PhotoFacts",
    "Picture",
    "Profile",
    "QualityReport",
    "SymbolQuality",
]
