"""Speed of element strings and Digital Link URIs beside biip: ``python bench/gs1_speed.py``.

Both libraries read the same texts in turn, in the same process. Two sets of texts: labels of the
usual kind (GTIN, expiry date, lot, serial), made here, and those texts of the reference engine's
oracle that both libraries accept. Times are of the processor, per text, the median of the rounds.
Promised: 8 times biip for both kinds, and 150,000 element strings a second on an idle core.
"""

from __future__ import annotations

import gzip
import json
import os
import platform
import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from biip import BiipException
from biip.gs1_digital_link_uris import GS1DigitalLinkURI
from biip.gs1_messages import GS1Message

# Runs from any folder, installed or not.
sys.path.insert(0, str(Path(__file__).parents[1]))

from gs1.check_digit import check_digit
from gs1.digital_link import DigitalLink
from gs1.element_string import ElementString
from gs1.errors import Gs1Error

ROOT = Path(__file__).parents[2] / "shared" / "vectors"
ORACLE = Path(os.environ.get("NGUON_VECTORS", ROOT)) / "gs1" / "engine_oracle.jsonl.gz"
ROUNDS = 7
PROMISED_RATIO = 8
PROMISED_RATE = 150_000

Read = Callable[[str], object]


def labels(count: int) -> list[ElementString]:
    """Labels of the usual kind, each with its own GTIN, date, lot and serial."""
    rng = random.Random(1)
    made = []
    for _ in range(count):
        body = f"0893{rng.randrange(10**9):09}"
        items = (
            ("01", body + check_digit(body)),
            ("17", f"{rng.randrange(26, 32)}{rng.randrange(1, 13):02}{rng.randrange(1, 29):02}"),
            ("10", f"L{rng.randrange(10**6)}"),
            ("21", f"{rng.randrange(10**12):X}"),
        )
        made.append(ElementString.of(items))
    return made


def oracle() -> tuple[list[str], list[str]]:
    """Raw element strings and Digital Link URIs of the oracle that are valid."""
    raw, uris = [], []
    with gzip.open(ORACLE, "rt", encoding="utf-8") as lines:
        for line in lines:
            case = json.loads(line)
            data = case.get("data", "")
            if data.startswith("^"):
                raw.append(data[1:].replace("^", "\x1d"))
            elif data.startswith(("http", "HTTP")):
                uris.append(data)
    return raw, uris


def accepted(texts: list[str], ours: Read, theirs: Read) -> list[str]:
    """The texts that both libraries read, so that both do all of their work."""
    kept = []
    for text in texts:
        try:
            ours(text)
            theirs(text)
        except (Gs1Error, BiipException):
            continue
        kept.append(text)
    return kept


def seconds(read: Read, texts: list[str]) -> float:
    """Processor time to read all texts once."""
    start = time.process_time()
    for text in texts:
        read(text)
    return time.process_time() - start


def compare(name: str, texts: list[str], ours: Read, theirs: Read) -> None:
    """Print one line of the result."""
    texts = accepted(texts, ours, theirs)
    times = [(seconds(ours, texts), seconds(theirs, texts)) for _ in range(ROUNDS)]
    own = statistics.median(first for first, _ in times) / len(texts)
    other = statistics.median(second for _, second in times) / len(texts)
    ratio = statistics.median(second / first for first, second in times)
    print(
        f"{name:32} {len(texts):6} texts  {own * 1e6:7.2f} µs  biip {other * 1e6:7.2f} µs"
        f"  ratio {ratio:5.1f}  {1 / own:9,.0f} /s"
    )


def main() -> None:
    """Print the comparison, and what it ran on."""
    load = ", ".join(f"{value:.2f}" for value in os.getloadavg())
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, load {load}")
    print(f"Python {platform.python_version()}; promised: ratio {PROMISED_RATIO}, ", end="")
    print(f"{PROMISED_RATE:,} element strings /s on an idle core")
    made = labels(2000)
    raw, uris = [one.to_raw() for one in made], [one.to_digital_link() for one in made]
    compare("element strings, labels", raw, ElementString.parse_raw, GS1Message.parse)
    compare("Digital Link, labels", uris, DigitalLink.parse, GS1DigitalLinkURI.parse)
    if not ORACLE.exists():
        print("the oracle is absent; set NGUON_VECTORS")
        return
    raw, uris = oracle()
    compare("element strings, oracle", raw, ElementString.parse_raw, GS1Message.parse)
    compare("Digital Link, oracle", uris, DigitalLink.parse, GS1DigitalLinkURI.parse)


if __name__ == "__main__":
    main()
