"""The own EAN/UPC reader beside zxing-cpp and zbar, each alone, on the labelled retail photos.

    python bench/ean_decoder.py [VECTORS]

VECTORS is the shared vectors folder. Prints one JSON object: photos read and wrong texts of each
decoder; what ``confirm`` says of right texts, of wrong ones made up, and of zxing-cpp's and
zbar's own misreadings of degraded copies; reads where there is no retail symbol; CPU times.
"""

from __future__ import annotations

import collections
import io
import json
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import zxingcpp
from PIL import Image, ImageFilter

# Runs from any folder, installed or not.
sys.path.insert(0, str(Path(__file__).parents[1]))

from scanner import ean, errors, zbar
from scanner.image import open_gray

RETAIL = ("EAN", "UPC")
FORMATS = zxingcpp.BarcodeFormats((zxingcpp.BarcodeFormat.EANUPC,))
Corners = list[tuple[float, float]]
Read = tuple[str, Corners]


def same(text: str, item: dict[str, Any]) -> bool:
    """Whether the text is a label of the photo; leading zeros and add-ons do not count."""
    labels = [*item["expected"], *item.get("also_valid", [])]
    if item["format"] == "UPCE":
        labels = [expanded(label) for label in labels]
    digits = text.lstrip("0")
    return any(digits in (label.lstrip("0"), label[:13].lstrip("0")) for label in labels)


def expanded(label: str) -> str:
    """The 13 digits of a UPC-E number, by zxing-cpp."""
    if len(label) > 8:
        return label
    symbol = zxingcpp.create_barcode(label, zxingcpp.BarcodeFormat.UPCE)
    return by_zxing(Image.fromarray(np.array(symbol.to_image(scale=3))))[0][0]


def by_zxing(image: Image.Image) -> list[Read]:
    found = zxingcpp.read_barcodes(image, formats=FORMATS, text_mode=zxingcpp.TextMode.Plain)
    places = [(item.text[:13], item.position) for item in found]
    return [
        (text, [(p.x, p.y) for p in (at.top_left, at.top_right, at.bottom_right, at.bottom_left)])
        for text, at in places
    ]


def by_zbar(image: Image.Image) -> list[Read]:
    reads = []
    for item in zbar.read(image, ("EAN13", "EAN8")):
        xs, ys = zip(*item.polygon, strict=True)
        left, right, top, bottom = min(xs), max(xs), min(ys), max(ys)
        corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
        reads.append((item.data.decode(), [(float(x), float(y)) for x, y in corners]))
    return reads


def by_search(image: Image.Image) -> list[Read]:
    return [(found.text, list(found.polygon)) for found in ean.search(np.asarray(image), 10.0)]


DECODERS: dict[str, Callable[[Image.Image], list[Read]]] = {
    "zxing-cpp": by_zxing,
    "zbar": by_zbar,
    "ean.search": by_search,
}


def degraded(image: Image.Image) -> Iterator[Image.Image]:
    """Copies in which decoders misread: out of focus, far away, dark and noisy, compressed."""
    for radius in (1.0, 2.0):
        yield image.filter(ImageFilter.GaussianBlur(radius))
    for share in (0.7, 0.5):
        size = (max(40, round(image.width * share)), max(40, round(image.height * share)))
        yield image.resize(size, Image.Resampling.NEAREST)
    noise = np.random.default_rng(1).normal(0, 30, (image.height, image.width))
    yield Image.fromarray(np.clip(np.asarray(image, float) + noise, 0, 255).astype(np.uint8))
    packed = io.BytesIO()
    image.save(packed, "JPEG", quality=8)
    yield Image.open(packed).convert("L")


def wrong_texts(text: str, draw: random.Random) -> Iterator[str]:
    """The number with one digit changed or two swapped, and a check digit that fits."""
    body = text[:-1]
    for _ in range(6):
        at = draw.randrange(len(body))
        changed = body[:at] + str((int(body[at]) + draw.randrange(1, 10)) % 10) + body[at + 1 :]
        yield _checked(changed)
    for at in range(1, len(body)):
        yield _checked(body[: at - 1] + body[at] + body[at - 1] + body[at + 1 :])


def _checked(body: str) -> str:
    total = sum(int(digit) * (1 if i % 2 else 3) for i, digit in enumerate(reversed(body)))
    return body + str(-total % 10)


def main(vectors: Path) -> None:
    items = json.loads((vectors / "scanner/manifest.json").read_text())
    times: dict[str, list[float]] = collections.defaultdict(list)
    right: collections.Counter[str] = collections.Counter()
    wrong: collections.Counter[str] = collections.Counter()
    verdicts: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    read_where_none, photos, others = 0, 0, 0
    for item in items:
        retail = item["format"].startswith(RETAIL) and bool(item["expected"])
        if item.get("exclude") or item["format"] == "multi":
            continue
        try:
            image, _format = open_gray((vectors / "scanner" / item["path"]).read_bytes())
        except errors.ScanError:
            continue
        if not retail:
            others += 1
            read_where_none += bool(timed(times["search elsewhere"], by_search, image))
            continue
        photos += 1
        for name, decoder in DECODERS.items():
            reads = timed(times[name], decoder, image)
            right[name] += any(same(text, item) for text, _place in reads)
            wrong[name] += sum(not same(text, item) for text, _place in reads)
        _confirm_all(item, image, verdicts, times["confirm"])
    summary = {
        "photos": photos,
        "read": right,
        "wrong texts": wrong,
        "confirm": verdicts,
        "photos without retail symbol": others,
        "search read there": read_where_none,
        "CPU ms, median": {name: round(statistics.median(t) * 1e3, 2) for name, t in times.items()},
        "CPU ms, mean": {name: round(statistics.mean(t) * 1e3, 2) for name, t in times.items()},
    }
    print(json.dumps(summary, indent=1))


def _confirm_all(
    item: dict[str, Any],
    image: Image.Image,
    verdicts: dict[str, collections.Counter[str]],
    times: list[float],
) -> None:
    gray, draw = np.asarray(image), random.Random(item["path"])
    for text, place in by_zxing(image):
        if same(text, item):
            verdicts["right"][timed(times, ean.confirm, gray, place, text).verdict] += 1
            for other in wrong_texts(text, draw):
                if not same(other, item):
                    verdicts["made up"][ean.confirm(gray, place, other).verdict] += 1
    for copy in (image, *degraded(image)):
        gray = np.asarray(copy)
        for name, decoder in (("zxing-cpp", by_zxing), ("zbar", by_zbar)):
            for text, place in decoder(copy):
                kind = "right, degraded" if same(text, item) else f"misread by {name}"
                if copy is not image or not same(text, item):
                    verdicts[kind][ean.confirm(gray, place, text).verdict] += 1


def timed(times: list[float], call: Callable[..., Any], *arguments: Any) -> Any:
    started = time.process_time()
    result = call(*arguments)
    times.append(time.process_time() - started)
    return result


if __name__ == "__main__":
    default = os.environ.get("NGUON_VECTORS", Path(__file__).parents[2] / "shared" / "vectors")
    main(Path(sys.argv[1] if len(sys.argv) > 1 else default))
