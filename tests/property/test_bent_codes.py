"""A QR Code on bent ground is read as it was printed or not at all."""

from __future__ import annotations

import math

import numpy as np
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from scanner.decode import decode
from scanner.profile import interpolated

ALPHABET = st.characters(min_codepoint=0x20, max_codepoint=0x7E)


@settings(max_examples=40, deadline=None)
@given(
    text=st.text(ALPHABET, min_size=1, max_size=60),
    level=st.sampled_from("LMQH"),
    across=st.floats(-3, 3),
    down=st.floats(-3, 3),
    waves=st.sampled_from((1, 2)),
)
def test_read_right_or_not_at_all(
    text: str, level: str, across: float, down: float, waves: int
) -> None:
    symbol = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level=level)
    flat = np.array(symbol.to_image(scale=5, add_quiet_zones=True))
    y, x = np.indices(flat.shape, dtype=np.float32)
    right = 5 * across * np.sin(waves * math.pi * y / flat.shape[0])
    below = 5 * down * np.sin(waves * math.pi * x / flat.shape[1])
    bent = interpolated(flat, (x + right).astype(np.float32), (y + below).astype(np.float32))
    read = {symbol.text for symbol in decode(Image.fromarray(bent.astype(np.uint8))).symbols}
    assert read <= {text}
