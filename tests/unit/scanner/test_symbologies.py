"""Every symbology of retail and logistics that zxing-cpp writes is read, with its identifier."""

from __future__ import annotations

import numpy as np
import pytest
import zxingcpp
from PIL import Image, ImageOps

from scanner.decode import decode

GTIN, ELEMENTS = "0109521234543213", "(01)09521234543213(10)L1ABCDEF"
READ = ELEMENTS.replace("(", "").replace(")", "")


# Identifiers of ISO/IEC 15424; texts as a scanner transmits them (UPC as 13 digits).
@pytest.mark.parametrize(
    ("kind", "data", "text", "identifier"),
    [
        ("EAN13", "9521234543213", "9521234543213", "]E0"),
        ("EAN8", "95212340", "95212340", "]E4"),
        ("UPCA", "614141543212", "0614141543212", "]E0"),
        ("UPCE", "01234565", "0012345000065", "]E0"),
        ("ITF14", "10614141543219", "10614141543219", "]I1"),
        ("Code128", "ABC-123", "ABC-123", "]C0"),
        ("Code39", "NGUON", "NGUON", "]A0"),
        ("Code93", "NGUON", "NGUON", "]G0"),
        ("Codabar", "A123456A", "A123456A", "]F0"),
        ("DataBarOmni", GTIN, GTIN, "]e0"),
        ("DataBarLtd", GTIN, GTIN, "]e0"),
        ("DataBarStk", GTIN, GTIN, "]e0"),
        ("DataBarStkOmni", GTIN, GTIN, "]e0"),
        ("DataBarExp", ELEMENTS, READ, "]e0"),
        ("DataBarExpStk", ELEMENTS, READ, "]e0"),
        ("DataMatrix", "HELLO", "HELLO", "]d1"),
        ("QRCode", "HELLO", "HELLO", "]Q1"),
        ("MicroQRCode", "HELLO", "HELLO", "]Q1"),
        ("RMQRCode", "HELLO WORLD", "HELLO WORLD", "]Q1"),
        ("Aztec", "HELLO", "HELLO", "]z0"),
        ("PDF417", "HELLO", "HELLO", "]L2"),
        ("MicroPDF417", "HELLO", "HELLO", "]L2"),
        ("MaxiCode", "HELLO", "HELLO", "]U0"),
    ],
)
def test_read(kind: str, data: str, text: str, identifier: str) -> None:
    made = zxingcpp.create_barcode(data, getattr(zxingcpp.BarcodeFormat, kind))
    pixels = np.array(made.to_image(scale=6 if kind == "MaxiCode" else 3))
    (symbol,) = decode(ImageOps.expand(Image.fromarray(pixels), 20, 255)).symbols
    assert (symbol.text, symbol.symbology_identifier) == (text, identifier)
    assert symbol.tier in ("confirmed", "probable")
