"""How much is read, how surely, at what cost: the scanner against zxing-cpp alone.

    python bench/scan.py [--photos | --large | --sheets | --synthetic | --hostile]… [--files N]

Without an option all parts run. Photos are the labelled ones below ``NGUON_VECTORS`` (default
``../shared/vectors`` beside the repository), scored by the shared ``score_scan.py``. CPU time is
that of this thread, each call made twice and the faster taken; the ratio is to opening the file
with Pillow and reading it with zxing-cpp's defaults, in the same run. Prints one line per goal and
exits with 1 if any is missed. ``--results FILE`` keeps the results as JSON lines.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar

import zxingcpp
from PIL import Image

# Runs from any folder, installed or not.
sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.material import hostile as hostile_files
from bench.material import pictures as drawn_pictures
from scanner import worker
from scanner.header import Limits
from scanner.reading import Reading, from_wire
from scanner.record import record

VECTORS = Path(os.environ.get("NGUON_VECTORS", Path(__file__).parents[2] / "shared" / "vectors"))
LIMITS = Limits()
T = TypeVar("T")
PARTS = ("photos", "large", "sheets", "synthetic", "hostile")


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table: what was measured, the figure, the goal, whether it is met."""

    metric: str
    value: str
    goal: str
    met: bool


def at_least(metric: str, value: float, goal: float, unit: str = " %") -> Line:
    """A figure that must not be smaller than its goal."""
    return Line(metric, f"{value:.2f}{unit}", f"≥ {goal:g}{unit}", value >= goal)


def at_most(metric: str, value: float, goal: float, unit: str = "") -> Line:
    """A figure that must not be larger than its goal."""
    return Line(metric, f"{value:.2f}{unit}", f"≤ {goal:g}{unit}", value <= goal)


def alone(photo: bytes) -> list[zxingcpp.Barcode]:
    """zxing-cpp alone, as its documentation shows it."""
    with Image.open(BytesIO(photo)) as image:
        return zxingcpp.read_barcodes(image.convert("L"))


def ours(photo: bytes) -> Reading:
    """The whole pipeline, in this process and thread."""
    request = {"do": "read", "limits": [LIMITS.max_bytes, LIMITS.max_pixels]}
    message, _blob = worker.answer(request, photo)
    return from_wire(message, None)


def cpu(call: Callable[[bytes], T], photo: bytes, times: int = 2) -> tuple[float, T]:
    """Least CPU seconds of a few calls, and what the last gave."""
    seconds = []
    for _ in range(times):
        started = time.thread_time()
        result = call(photo)
        seconds.append(time.thread_time() - started)
    return min(seconds), result


def ratio(photo: bytes) -> tuple[float, Reading]:
    """Our CPU time as a multiple of zxing-cpp's on the same picture, and our reading."""
    reference, _found = cpu(alone, photo)
    spent, reading = cpu(ours, photo)
    return spent / reference, reading


def photos(keep: Path | None) -> Iterator[Line]:
    """The labelled photos of other projects."""
    manifest = VECTORS / "scanner" / "manifest.json"
    items = [item for item in json.loads(manifest.read_text()) if not item.get("exclude")]
    ratios, rows = [], []
    for item in items:
        path = manifest.parent / item["path"]
        times, reading = ratio(path.read_bytes())
        ratios.append(times)
        rows.append(json.dumps(record(item["path"], reading), ensure_ascii=False))
    results = keep or Path(tempfile.mkstemp(suffix=".jsonl")[1])
    results.write_text("\n".join(rows))
    yield from _scored(manifest, results)
    ratios.sort()
    yield at_most("CPU per image, median", statistics.median(ratios), 1.3, "×")
    yield at_most("CPU per image, mean", statistics.mean(ratios), 4, "×")
    yield at_most("CPU per image, p95", ratios[int(0.95 * len(ratios))], 8, "×")


def score(manifest: Path, results: Path) -> dict[str, Any]:
    """What the shared tool says of results in JSON lines."""
    tool = VECTORS.parent / "tools" / "score_scan.py"
    command = [sys.executable, str(tool), str(manifest), str(results)]
    said: dict[str, Any] = json.loads(
        subprocess.run(command, check=True, capture_output=True).stdout
    )
    return said


def _scored(manifest: Path, results: Path) -> Iterator[Line]:
    said = score(manifest, results)
    print(json.dumps(said, ensure_ascii=False, indent=1), file=sys.stderr)
    rates: dict[str, float] = said["read_rate_percent"]
    wrong: dict[str, int] = said["wrong_values_by_tier"]
    yield at_least("read rate, all labelled images", rates["all"], 94)
    yield at_least("read rate, retail EAN/UPC", rates["retail"], 84)
    yield at_least("read rate, tilted", rates["tilted"], 95)
    yield at_most("wrong values in tier confirmed", wrong.get("confirmed", 0), 0)
    yield at_least("right reads confirmed", said["confirmed_share_of_right_reads"], 85)
    yield at_most("images with a wrong value", said["wrong_image_percent"], 0.3, " %")
    yield at_most("reads where nothing is", said["read_on_must_not_decode"], 0)


def large(_keep: Path | None) -> Iterator[Line]:
    """Photos of 12 megapixels that can be read at 3."""
    ratios = []
    for name, photo, text in drawn_pictures.large_photos():
        times, reading = ratio(photo)
        texts = {symbol.text for symbol in reading.symbols}
        if text not in texts:
            print(f"{name}: not read", file=sys.stderr)
            times = float("inf")
        ratios.append(times)
    yield at_most(f"{len(ratios)} photos of 12 MP, CPU, worst", max(ratios), 0.5, "×")


def sheets(_keep: Path | None) -> Iterator[Line]:
    """Six sheets of 24 codes each, photographed askew at 12 megapixels."""
    read = wrong = total = 0
    ratios = []
    for photo, texts in drawn_pictures.sheets(6):
        times, reading = ratio(photo)
        got = {symbol.text for symbol in reading.symbols if symbol.tier != "conflict"}
        read, wrong, total = read + len(got & texts), wrong + len(got - texts), total + len(texts)
        ratios.append(times)
        print(f"sheet: {len(got & texts)} of {len(texts)}, {times:.2f}×", file=sys.stderr)
    yield at_least(f"sheets of 24 codes, of {total}", read, 142, "")
    yield at_most("sheets, wrong values", wrong, 0)
    yield at_most("sheets, CPU, worst", max(ratios), 4, "×")


def synthetic(_keep: Path | None) -> Iterator[Line]:
    """Drawn symbols, turned, inverted, noisy and dark."""
    for name, goal, pictures in drawn_pictures.synthetic():
        results: list[tuple[str, bool]] = []
        for kind, photo, text in pictures:
            symbols = ours(photo).symbols
            results.append((kind, any(symbol.text == text for symbol in symbols)))
        missed = sorted({kind for kind, read in results if not read})
        print(f"{name}: missed of {', '.join(missed) or 'none'}", file=sys.stderr)
        share = 100 * sum(read for _kind, read in results) / len(results)
        yield at_least(f"{name} ({len(results)})", share, goal)


def hostile(files: int) -> Iterator[Line]:
    """Refusals from the header, and mutated files through the pool."""
    slowest = max(hostile_files.refusal_seconds()) * 1e3
    yield at_most("refusing a hostile file, slowest", slowest, 100, " ms")
    tally = hostile_files.feed(hostile_files.mutated(files))
    print(f"mutated files: {tally}", file=sys.stderr)
    unexpected = sum(count for name, count in tally.items() if name.startswith("!"))
    yield at_most(f"crashes of the caller over {files} mutated files", unexpected, 0)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the chosen parts; exit status 1 if a goal is missed."""
    options = _parser().parse_args(arguments)
    chosen = [part for part in PARTS if getattr(options, part)] or list(PARTS)
    warnings.simplefilter("ignore")  # Pillow's, about strangers' files
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print(f"decoders: {', '.join(worker.answer({'do': 'decoders'}, b'')[0]['decoders'])}")
    print(f"{'metric':52} {'measured':>12} {'goal':>9}")
    missed = 0
    for part in chosen:
        measure = {"photos": photos, "large": large, "sheets": sheets, "synthetic": synthetic}
        lines = hostile(options.files) if part == "hostile" else measure[part](options.results)
        for line in lines:
            missed += not line.met
            mark = "" if line.met else "  missed"
            print(f"{line.metric:52} {line.value:>12} {line.goal:>9}{mark}", flush=True)
    return int(missed > 0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    for part in PARTS:
        parser.add_argument(f"--{part}", action="store_true")
    parser.add_argument("--files", type=int, default=5000, help="mutated files to feed")
    parser.add_argument("--results", type=Path, help="file for the results as JSON lines")
    return parser


if __name__ == "__main__":
    sys.exit(main())
