"""From a photo of 1 megapixel to its verdict page, against zxing-cpp alone on the same picture.

``python bench/photo_to_verdict.py [runs]``: the sample pictures of the demonstration, scaled to one
megapixel, go through ``POST /scan`` in process (real decoder process, SQLite), each beside a bare
``zxingcpp.read_barcodes`` of the decoded picture. Promised: at most 1.5 times zxing-cpp's time plus
30 ms. Prints the median of each picture, and by how much the promise is kept or missed.
"""

from __future__ import annotations

import io
import os
import platform
import statistics
import sys
import tempfile
import time
from pathlib import Path

import zxingcpp
from PIL import Image

# Runs from any folder, installed or not.
sys.path.insert(0, str(Path(__file__).parents[1]))

from app import schema
from app.demo import service as demo
from app.demo.pictures import SAMPLES
from app.factory import build_runtime, create_app
from app.settings import Settings
from app.telemetry import configure_logging

PIXELS = 1_000_000


def one_megapixel(photo: bytes) -> bytes:
    """The picture as a JPEG of one megapixel."""
    image = Image.open(io.BytesIO(photo)).convert("RGB")
    factor = (PIXELS / (image.width * image.height)) ** 0.5
    made = io.BytesIO()
    image.resize((round(image.width * factor), round(image.height * factor))).save(
        made, "JPEG", quality=88
    )
    return made.getvalue()


def alone(photo: bytes) -> float:
    """Milliseconds that zxing-cpp needs, opening the file included."""
    start = time.perf_counter()
    image = Image.open(io.BytesIO(photo))
    image.load()
    zxingcpp.read_barcodes(image)
    return (time.perf_counter() - start) * 1000


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    configure_logging("error")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = Settings(
            data_dir=folder,
            database_url=f"sqlite:///{folder}/nguon.db",
            rate_scan="1000000/minute",
            log_level="error",
        )
        rt = build_runtime(settings)
        schema.upgrade(rt.db)
        demo.load(rt)
        client = create_app(parts=rt).test_client()
        print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
        for made in SAMPLES:
            photo = one_megapixel(demo.picture(rt, made.state))
            bare, whole = [], []
            for _ in range(runs):
                bare.append(alone(photo))
                start = time.perf_counter()
                answer = client.post("/scan", data={"photo": (io.BytesIO(photo), "x.jpg")})
                whole.append((time.perf_counter() - start) * 1000)
                assert answer.status_code == 200
            peer, ours = statistics.median(bare), statistics.median(whole)
            room = 1.5 * peer + 30 - ours
            print(
                f"{made.state:20} zxing {peer:6.1f} ms  verdict {ours:6.1f} ms  room {room:+7.1f}"
            )
        rt.decoders.close()
        rt.db.close()


if __name__ == "__main__":
    main()
