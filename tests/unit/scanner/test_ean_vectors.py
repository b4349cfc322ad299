"""The own EAN/UPC reader on labelled photos of other projects: nothing wrong, and much right."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import zxingcpp
from numpy.typing import NDArray
from PIL import Image

from scanner import ean, zbar
from scanner.image import open_gray
from tests import outside

ITEMS = [item for item in outside.load("scanner/manifest.json") if not item.get("exclude")]
RETAIL = [item for item in ITEMS if item["format"] in ("EAN13", "EAN8", "UPCA", "UPCE")]
NOTHING = [item for item in ITEMS if item["format"] == "NONE"]
OTHERS = [item for item in ITEMS if not item["format"].startswith(("EAN", "UPC", "NONE", "multi"))]
FORMATS = zxingcpp.BarcodeFormats((zxingcpp.BarcodeFormat.EANUPC,))


def opened(item: dict[str, Any]) -> NDArray[np.uint8]:
    return np.asarray(open_gray(outside.path(f"scanner/{item['path']}").read_bytes())[0])


def is_right(item: dict[str, Any], text: str) -> bool:
    labels = [*item["expected"], *item.get("also_valid", [])]
    if item["format"] == "UPCE":
        labels = [expanded(label) for label in labels]
    return text.lstrip("0") in {label.lstrip("0") for label in labels}


def expanded(label: str) -> str:
    """The 13 digits of a UPC-E number, by zxing-cpp."""
    if len(label) > 8:
        return label
    symbol = zxingcpp.create_barcode(label, zxingcpp.BarcodeFormat.UPCE)
    return read(np.array(symbol.to_image(scale=3)))[0].text


def read(gray: NDArray[np.uint8]) -> list[zxingcpp.Barcode]:
    return zxingcpp.read_barcodes(gray, formats=FORMATS, text_mode=zxingcpp.TextMode.Plain)


def test_confirm_agrees_with_labels_and_never_with_a_misreading() -> None:
    right: Counter[str] = Counter()
    agreed_with_wrong, contradicted = [], []
    for item in RETAIL:
        gray = opened(item)
        reads: list[tuple[str, list[tuple[float, float]]]] = []
        for symbol in read(gray):
            at = symbol.position
            corners = (at.top_left, at.top_right, at.bottom_right, at.bottom_left)
            reads.append((symbol.text, [(point.x, point.y) for point in corners]))
        # At the same place, what zbar reads: it has misreadings of its own.
        image = Image.fromarray(gray)
        seen = {found.data.decode() for found in zbar.read(image, ("EAN13", "EAN8"))}
        reads += [(text, place) for _text, place in reads[:1] for text in seen]
        for text, place in reads:
            answer = ean.confirm(gray, place, text)
            if is_right(item, text):
                right[answer.verdict] += 1
                contradicted += [item["path"]] if answer.verdict == "contradicts" else []
            elif answer.verdict == "agrees":
                agreed_with_wrong.append((item["path"], text))
    assert (agreed_with_wrong, contradicted) == ([], [])
    assert right["agrees"] >= 0.88 * right.total()


def test_search_reads_as_many_as_zxing_and_none_wrong() -> None:
    mine, theirs, wrong = 0, 0, []
    sample = RETAIL[::6]
    for item in sample:
        gray = opened(item)
        texts = [found.text for found in ean.search(gray, budget=30)]
        wrong += [(item["path"], text) for text in texts if not is_right(item, text)]
        mine += any(is_right(item, text) for text in texts)
        theirs += any(is_right(item, symbol.text) for symbol in read(gray))
    assert wrong == []
    assert mine >= 0.9 * theirs
    assert mine >= 0.65 * len(sample)


def test_search_reads_nothing_where_there_is_no_retail_symbol() -> None:
    reads = {
        item["path"]: found
        for item in (*NOTHING[::10], *OTHERS[::50])
        if (found := ean.search(opened(item), budget=30))
    }
    assert reads == {}
