"""Photo to symbols: our decoder process against zxing-cpp alone, on the same pictures, interleaved.

    python bench/scan_photo.py [PHOTO…]

Without arguments the photos are sample scenes of about one megapixel. The promise for the whole
service is 1.5 × zxing-cpp alone + 30 ms; what is left of it here is the web application's share.
"""

from __future__ import annotations

import io
import os
import platform
import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import zxingcpp
from PIL import Image

# Runs from any folder, installed or not.
sys.path.insert(0, str(Path(__file__).parents[1]))

from scanner import DecoderPool, scene
from scanner.label import Label, render

ROUNDS = 15
PREVIEW = 1280


def zxing_alone(photo: bytes) -> None:
    with Image.open(io.BytesIO(photo)) as image:
        zxingcpp.read_barcodes(image.convert("L"))


def milliseconds(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1e3


def sample_photos() -> dict[str, bytes]:
    labels = {
        "EAN-13": Label("ean-13", "9521234543213", "Cà phê"),
        "GS1 DataMatrix": Label("gs1-datamatrix", "(01)09521234543213(10)L1(21)S1", "Cà phê"),
        "QR Code": Label(
            "digital-link-qr", "https://example.com/01/09521234543213/21/S1", "Cà phê"
        ),
    }
    photos = {}
    for name, label in labels.items():
        with Image.open(io.BytesIO(render(label, "png"))) as image:
            for camera_name, camera in (("steady", scene.STEADY), ("casual", scene.CASUAL)):
                photos[f"{name}, {camera_name}"] = scene.photograph(
                    [image], rng=random.Random(1), camera=camera, title="Cà phê", size=(900, 1150)
                )
    return photos


def resident_megabytes(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    line = next(line for line in status if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def compare(pool: DecoderPool, name: str, photo: bytes) -> None:
    alone, ours, full = [], [], []
    for _ in range(ROUNDS):
        alone.append(milliseconds(lambda: zxing_alone(photo)))
        ours.append(milliseconds(lambda: pool.read(photo)))
        full.append(milliseconds(lambda: pool.read(photo, preview=PREVIEW)))
    a, o, f = (statistics.median(values) for values in (alone, ours, full))
    print(f"{name:24} {a:8.1f} {o:8.1f} {f:9.1f} {1.5 * a + 30:8.1f} {f / a:8.2f}")


def main(paths: list[str]) -> None:
    photos = {path: Path(path).read_bytes() for path in paths} or sample_photos()
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print(f"median of {ROUNDS} rounds in ms")
    with DecoderPool() as pool:
        print(f"decoders: {', '.join(pool.decoders())}")
        (pid,) = pool.process_ids()
        print(f"decoder process idle: {resident_megabytes(pid):.0f} MB resident")
        print(f"{'photo':24} {'alone':>8} {'read':>8} {'+preview':>9} {'limit':>8} {'ratio':>8}")
        for name, photo in photos.items():
            compare(pool, name, photo)
        print(f"decoder process after: {resident_megabytes(pid):.0f} MB resident")


if __name__ == "__main__":
    main(sys.argv[1:])
