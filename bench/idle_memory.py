"""Memory of the idle demo, all processes: proportional set size against the promised 300 MB.

Prints the sum, each process, the share of the limit, machine and load.
"""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import psutil

# Runs from any folder, installed or not.
sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.service import running

LIMIT_MB = 300
SETTLE_SECONDS = 5


def main() -> None:
    """Start the demo, use it once, let it rest, add up."""
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as service:
        for path in ("/", "/demo", "/readyz"):
            urllib.request.urlopen(service.url + path).read()
        time.sleep(SETTLE_SECONDS)
        root = psutil.Process(service.process.pid)
        processes = [root, *root.children(recursive=True)]
        total = 0.0
        for process in processes:
            memory = process.memory_full_info()
            total += memory.pss / 1e6
            name = " ".join(process.cmdline())[-60:]
            print(f"  {memory.pss / 1e6:6.1f} MB pss {memory.rss / 1e6:6.1f} MB rss  {name}")
    print(
        f"idle demo: {total:.0f} MB in {len(processes)} processes,"
        f" {total / LIMIT_MB:.2f} of {LIMIT_MB} MB"
        f" | {platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    )


if __name__ == "__main__":
    main()
