"""Pictures of known content for ``bench/scan.py``: drawn symbols, large photos, sheets of codes.

Everything random comes from fixed seeds.
"""

from __future__ import annotations

import io
import math
import random
from collections.abc import Iterator

import numpy as np
import zxingcpp
from PIL import Image, ImageFilter, ImageOps

from scanner.projection import coefficients

Picture = tuple[str, bytes, str]  # kind, file, text
Set = tuple[str, float, list[Picture]]  # name, goal in per cent, pictures

LINEAR = {
    "EAN13": "9521234543213",
    "EAN8": "95212340",
    "UPCA": "614141543212",
    "ITF14": "10614141543219",
    "Code128": "NGUON-2026-0001",
    "Code39": "NGUON-42",
    "DataBarOmni": "0109521234543213",
}
_AS_READ = {"UPCA": "0614141543212"}
MATRIX = {
    "DataMatrix": "010952123454321310LOT1",
    "QRCode": "https://example.com/01/09521234543213",
    "Aztec": "NGUON AZTEC 1",
    "PDF417": "NGUON PDF417 SAMPLE",
}


def drawn(kind: str, text: str, module: int) -> Image.Image:
    """The symbol with ``module`` pixels per module and more than its quiet zone."""
    made = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, kind))
    pixels = np.array(made.to_image(scale=1), np.uint8)
    symbol = Image.fromarray(np.kron(pixels, np.ones((module, module), np.uint8)))
    return ImageOps.expand(symbol, 4 * module, 255)


def as_png(image: Image.Image) -> bytes:
    """The picture as a file."""
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=1)
    return out.getvalue()


def _noisy(image: Image.Image, sigma: float, seed: int) -> Image.Image:
    noise = np.random.default_rng(seed).normal(0, sigma, (image.height, image.width))
    return Image.fromarray(np.clip(np.asarray(image, np.float32) + noise, 0, 255).astype(np.uint8))


def _turned(image: Image.Image, degrees: float) -> Image.Image:
    return image.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=255)


def synthetic() -> Iterator[Set]:
    """The sets of the table: turned, inverted, noisy, dark."""
    bars = LINEAR | {"PDF417": MATRIX["PDF417"]}

    def picture(kind: str, text: str, image: Image.Image) -> Picture:
        return kind, as_png(image), _AS_READ.get(kind, text)

    angles = range(0, 360, 15)
    yield (
        "1D and PDF417 at any angle",
        98,
        [
            picture(kind, text, _noisy(_turned(drawn(kind, text, 3), angle + seed), 6, angle))
            for seed, (kind, text) in enumerate(bars.items())
            for angle in angles
        ],
    )
    yield (
        "inverted 1D",
        100,
        [
            picture(kind, text, ImageOps.invert(drawn(kind, text, module)))
            for kind, text in LINEAR.items()
            for module in (2, 3, 4)
        ],
    )
    everything = list((LINEAR | MATRIX).items())
    yield (
        "noise σ 80",
        90,
        [
            picture(kind, text, _noisy(drawn(kind, text, module), 80, seed))
            for kind, text in everything
            for module in (4, 5)
            for seed in range(4)
        ],
    )
    yield (
        "dark × 0.05",
        85,
        [
            picture(kind, text, drawn(kind, text, module).point(lambda value: value * 0.05))
            for kind, text in everything
            for module in (2, 3, 4)
        ],
    )


def large_photos() -> Iterator[tuple[str, bytes, str]]:
    """JPEGs of 4000 × 3000 pixels with one code that is large enough at half the size."""
    for seed, (kind, text) in enumerate(
        (("EAN13", LINEAR["EAN13"]), ("Code128", LINEAR["Code128"]), *list(MATRIX.items())[:2])
    ):
        scene = _scene(seed, [drawn(kind, text, 8)], columns=1, rows=1, lean=0.04)
        yield kind, scene, text


def sheets(count: int) -> Iterator[tuple[bytes, set[str]]]:
    """Photos of sheets of four by six codes of five kinds, seen askew."""
    for seed in range(count):
        rng = random.Random(seed)
        codes = [_random_code(rng, number) for number in range(24)]
        labels = [drawn(kind, text, 4) for kind, text in codes]
        yield _scene(seed, labels, columns=4, rows=6, lean=0.09), {text for _kind, text in codes}


def _random_code(rng: random.Random, number: int) -> tuple[str, str]:
    serial = "".join(rng.choices("0123456789ABCDEFGHJKLMNPQRSTUVWXYZ", k=8))
    match number % 5:
        case 0:
            body = "9521" + "".join(rng.choices("0123456789", k=8))
            total = sum(int(d) * (1, 3)[i % 2] for i, d in enumerate(body))
            return "EAN13", body + str(-total % 10)
        case 1:
            return "DataMatrix", f"010952123454321321{serial}"
        case 2:
            return "QRCode", f"https://example.com/01/09521234543213/21/{serial}"
        case 3:
            return "Code128", f"LOT{serial}"
        case _:
            return "DataMatrix", f"17271231{serial}{number}"


def _scene(seed: int, labels: list[Image.Image], *, columns: int, rows: int, lean: float) -> bytes:
    """The labels on a white sheet, in perspective on a grey table, with shade, blur and noise."""
    rng = random.Random(seed)
    size, sheet = (4000, 3000), Image.new("L", (2600, 3400) if columns > 1 else (1600, 1600), 250)
    cell = sheet.width // columns, sheet.height // rows
    for number, label in enumerate(labels):
        label.thumbnail((cell[0] - 30, cell[1] - 30), Image.Resampling.LANCZOS)
        left = number % columns * cell[0] + (cell[0] - label.width) // 2
        top = number // columns * cell[1] + (cell[1] - label.height) // 2
        sheet.paste(label, (left, top))
    height = 0.88 * size[1]
    width = height * sheet.width / sheet.height
    x, y = (size[0] - width) / 2, (size[1] - height) / 2
    turn = rng.uniform(-6, 6)
    cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))

    def seen(cx: float, cy: float) -> tuple[float, float]:
        dx, dy = cx - size[0] / 2, cy - size[1] / 2
        left, up = rng.uniform(0, lean) * width, rng.uniform(0, lean) * height
        return size[0] / 2 + dx * cos - dy * sin + left, size[1] / 2 + dx * sin + dy * cos - up

    quad = seen(x, y), seen(x + width, y), seen(x + width, y + height), seen(x, y + height)
    warp = coefficients(quad, sheet.size)
    method, kernel = Image.Transform.PERSPECTIVE, Image.Resampling.BICUBIC
    photo = sheet.transform(size, method, warp, kernel, fillcolor=120)
    shade = np.linspace(1, rng.uniform(0.5, 0.8), size[0], dtype=np.float32)[None, :]
    grey = np.asarray(photo.filter(ImageFilter.GaussianBlur(1.2)), np.float32) * shade
    grey += np.random.default_rng(seed).normal(0, 5, grey.shape).astype(np.float32)
    color = Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8)).convert("RGB")
    out = io.BytesIO()
    color.save(out, "JPEG", quality=88)
    return out.getvalue()
