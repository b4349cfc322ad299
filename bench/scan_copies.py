"""Whether the scanner reads photos that nobody tuned it for: altered copies of the labelled ones.

    python bench/scan_copies.py [--every N] [KIND]…

Each kind of copy keeps the label: another size, a small turn, perspective, JPEG, blur, noise, tone,
margins. The same copy is read by zxing-cpp alone, by zxing-cpp and where it finds nothing zbar, and
by the scanner at its default effort; all are scored by the shared ``score_scan.py``. ``--every``
takes one photo in N (default 4), chosen by a checksum of kind and path, so that a run gives the
same copies again. Needs the photos as ``bench/scan.py`` does. Exits with 1 if a wrong value is
``confirmed``, if something is read where nothing is, or if zxing-cpp and zbar read more.
"""

from __future__ import annotations

import argparse
import io
import json
import statistics
import sys
import tempfile
import warnings
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageFilter, ImageOps

# Runs from any folder, installed or not.
sys.path.insert(0, str(Path(__file__).parents[1]))

from bench import scan
from scanner import zbar
from scanner.image import open_gray
from scanner.projection import Quad, coefficients
from scanner.record import record

Copy = Callable[[Image.Image, np.random.Generator], Image.Image]
_ZBAR = tuple(kind for kinds in zbar.KINDS.values() for kind in kinds)


def resized(factor: float) -> Copy:
    """Another number of pixels."""

    def copy(image: Image.Image, _rng: np.random.Generator) -> Image.Image:
        size = (max(1, round(image.width * factor)), max(1, round(image.height * factor)))
        return image.resize(size, Image.Resampling.LANCZOS)

    return copy


def turned(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """By 2 to 8 degrees, either way."""
    degrees = float(rng.uniform(2, 8) * rng.choice((-1, 1)))
    return image.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=_around(image))


def compressed(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """As a JPEG of quality 50 to 70."""
    file = io.BytesIO()
    image.save(file, "JPEG", quality=int(rng.integers(50, 71)))
    return Image.open(file).convert("L")


def blurred(image: Image.Image, _rng: np.random.Generator) -> Image.Image:
    """By a bell of 0.7 pixels."""
    return image.filter(ImageFilter.GaussianBlur(0.7))


def noisy(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """By six grey levels."""
    noise = rng.normal(0, 6, (image.height, image.width))
    return Image.fromarray(np.clip(np.asarray(image) + noise, 0, 255).astype(np.uint8))


def dimmed(image: Image.Image, _rng: np.random.Generator) -> Image.Image:
    """Less contrast, and darker."""
    return image.point(lambda value: max(0, (value - 128) * 0.7 + 108))


def padded(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Moved within a larger picture."""
    shares = rng.uniform(0, 0.15, 4) * [image.width, image.height, image.width, image.height]
    left, top, right, bottom = (int(share) for share in shares)
    return ImageOps.expand(image, (left, top, right, bottom), fill=_around(image))


def slanted(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """In a perspective that moves each corner by up to 3 %."""
    width, height = image.size
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], float)
    places = corners + rng.uniform(-0.03, 0.03, (4, 2)) * [width, height]
    a, b, c, d = ((float(x), float(y)) for x, y in places)
    quad: Quad = (a, b, c, d)
    return image.transform(
        image.size,
        Image.Transform.PERSPECTIVE,
        coefficients(quad, image.size),
        Image.Resampling.BICUBIC,
        fillcolor=_around(image),
    )


def upside_down(image: Image.Image, _rng: np.random.Generator) -> Image.Image:
    """By half a turn."""
    return image.transpose(Image.Transpose.ROTATE_180)


KINDS: dict[str, Copy] = {
    "size-0.9": resized(0.9),
    "size-1.1": resized(1.1),
    "size-1.25": resized(1.25),
    "turned": turned,
    "jpeg": compressed,
    "blurred": blurred,
    "noisy": noisy,
    "dimmed": dimmed,
    "padded": padded,
    "slanted": slanted,
    "upside-down": upside_down,
}


def _around(image: Image.Image) -> int:
    """The usual grey along the edges."""
    levels = np.asarray(image)
    edges = np.concatenate([levels[0], levels[-1], levels[:, 0], levels[:, -1]])
    return int(np.median(edges))


def _alone(photo: bytes) -> list[dict[str, Any]]:
    return [
        {"text": item.text, "bytes_hex": item.bytes.hex(), "format": str(item.format)}
        for item in scan.alone(photo)
    ]


def _by_zbar(image: Image.Image) -> list[dict[str, Any]]:
    return [
        {"text": item.data.decode("utf-8", "replace"), "bytes_hex": item.data.hex()}
        | {"format": item.kind}
        for item in zbar.read(image, _ZBAR)
    ]


def measured(kind: str, items: Sequence[dict[str, Any]], folder: Path) -> bool:
    """Print the row of one kind of copy; whether it keeps the promises."""
    rows: dict[str, list[dict[str, Any]]] = {"zxing": [], "both": [], "ours": []}
    ratios = []
    for item in items:
        seed = zlib.crc32(f"{kind}:{item['path']}".encode())
        gray, _format = open_gray((folder / item["path"]).read_bytes())
        image = KINDS[kind](gray, np.random.default_rng(seed))
        file = io.BytesIO()
        image.save(file, "PNG", compress_level=1)
        times, reading = scan.ratio(file.getvalue())
        ratios.append(times)
        found = _alone(file.getvalue())
        rows["zxing"].append({"path": item["path"], "symbols": found})
        rows["both"].append({"path": item["path"], "symbols": found or _by_zbar(image)})
        rows["ours"].append(record(item["path"], reading))
    said = {name: _score(items, some) for name, some in rows.items()}
    rates = {name: one["read_rate_percent"] for name, one in said.items()}
    ours = said["ours"]
    ratios.sort()
    cells = [f"{rate['all']:.1f} {rate.get('retail', 0):.1f}" for rate in rates.values()]
    confirmed = ours["wrong_values_by_tier"].get("confirmed", 0)
    cells += [f"{ours['confirmed_share_of_right_reads']:.1f}"]
    cells += [f"{confirmed}", f"{ours['wrong_image_percent']:.2f}"]
    cells += [f"{statistics.median(ratios):.2f} {statistics.mean(ratios):.1f}"]
    cells += [f"{ratios[int(0.95 * len(ratios))]:.1f}"]
    print(f"{kind:12}", " | ".join(cells), flush=True)
    for wrong in ours["wrong"]:
        print("   wrong:", *wrong, file=sys.stderr)
    nothing = ours["read_on_must_not_decode"] == 0
    return confirmed == 0 and nothing and rates["ours"]["all"] >= rates["both"]["all"]


def _score(items: Sequence[dict[str, Any]], rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name:
        manifest, results = Path(name, "manifest.json"), Path(name, "results.jsonl")
        manifest.write_text(json.dumps(items))
        results.write_text("\n".join(json.dumps(row) for row in rows))
        return scan.score(manifest, results)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the chosen kinds; exit status 1 if one breaks a promise."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=", ".join(KINDS))
    parser.add_argument("--every", type=int, default=4, metavar="N", help="one photo in N")
    options = parser.parse_args(arguments)
    warnings.simplefilter("ignore")  # Pillow's, about strangers' files
    folder = scan.VECTORS / "scanner"
    items = json.loads((folder / "manifest.json").read_text())
    items = [item for item in items if not item.get("exclude")]
    print("copies       read, all and retail, by zxing-cpp | and zbar | ours; confirmed; wrong")
    print("             confirmed; photos with a wrong value; CPU median mean | 95th percentile")
    kept = True
    for kind in options.kinds or KINDS:
        chosen = [
            item
            for item in items
            if zlib.crc32(f"{item['path']}:{kind}".encode()) % options.every == 0
        ]
        kept &= measured(kind, chosen, folder)
    return int(not kept)


if __name__ == "__main__":
    sys.exit(main())
