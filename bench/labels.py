"""Serialised GS1 DataMatrix labels to A4 PDF, and GS1 data written and read back.

    python bench/labels.py [--labels 10000] [--read-back 1000]
    python bench/labels.py --roundtrip [10000]

The first prints the CPU time of validated labels as a PDF (promise: 10,000 in 3 s), beside
zxing-cpp writing the same symbols alone in the same run, and what it costs to read labels back. The
second writes random valid data in every kind, reads it from the picture, and offers spoilt data,
which must be refused.
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import random
import sys
import time
from pathlib import Path

import pypdfium2
import zxingcpp

# Runs from any folder, installed or not.
sys.path.insert(0, str(Path(__file__).parents[1]))

from scanner import readback
from scanner.label import Label
from scanner.sheet import TEMPLATES, Job, draw_labels, written
from tests.gs1_data import roundtrip_report

DATE = datetime.date(2027, 12, 31)


def labels(count: int) -> list[Label]:
    rng = random.Random(11)
    return [
        Label(
            "gs1-datamatrix",
            f"(01)09521234543213(17)271231(10)L2611A(21){rng.randrange(36**8):013d}{number:05d}",
            name="Cà phê rang mộc Suối Đá",
            lot="L2611A",
            expiry=DATE,
            net_content="250 g",
        )
        for number in range(count)
    ]


def alone(batch: list[Label]) -> float:
    started = time.process_time()
    for label in batch:
        barcode = zxingcpp.create_barcode(
            label.data, zxingcpp.BarcodeFormat.DataMatrix, gs1=True, force_square=True
        )
        barcode.to_image(scale=1, add_quiet_zones=False)
    return time.process_time() - started


def sheets(count: int, read_back: int) -> None:
    batch = labels(count)
    draw_labels(batch[:1], Job(TEMPLATES["a4-65"]))  # fonts and tables load once
    peer = alone(batch)
    for name in ("a4-65", "a4-24"):
        job = Job(TEMPLATES[name])
        started = time.process_time()
        pages = draw_labels(batch, job)
        drawn = time.process_time() - started
        file = written(pages, job, "pdf")
        spent = time.process_time() - started
        print(
            f"{count} labels, {name}: {spent:.2f} s CPU ({drawn:.2f} checked and laid out,"
            f" {spent - drawn:.2f} PDF), {len(file) / 1e6:.1f} MB;"
            f" zxing-cpp alone {peer:.2f} s, ratio {spent / peer:.1f}"
        )
    started = time.process_time()
    readback.check(pages[:read_back])
    spent = time.process_time() - started
    print(
        f"read back by {' and '.join(readback.decoders(pages[0].marks[0]))}: {read_back} labels"
        f" in {spent:.2f} s CPU, {spent / read_back * 1e3:.2f} ms each"
    )
    rasterised(file, batch)


def rasterised(file: bytes, batch: list[Label]) -> None:
    """The first sheet of the PDF as a picture of 200 dpi: every label there must read."""
    expected = {label.data for label in batch[: TEMPLATES["a4-24"].places]}
    with pypdfium2.PdfDocument(file) as document:
        page = document[0]
        image = page.render(scale=200 / 72).to_pil().convert("L")
        page.close()
    read = {
        item.text
        for item in zxingcpp.read_barcodes(image, zxingcpp.BarcodeFormat.DataMatrix)
        if item.content_type == zxingcpp.ContentType.GS1
    }
    print(f"first sheet of the file at 200 dpi: {len(read & expected)} of {len(expected)} read")


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--labels", type=int, default=10_000)
    parser.add_argument("--read-back", type=int, default=1_000)
    parser.add_argument("--roundtrip", type=int, nargs="?", const=10_000)
    options = parser.parse_args(arguments)
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    if options.roundtrip:
        print(roundtrip_report(options.roundtrip))
    else:
        sheets(options.labels, min(options.read_back, options.labels))


if __name__ == "__main__":
    main(sys.argv[1:])
