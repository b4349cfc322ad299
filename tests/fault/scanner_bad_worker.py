"""A decoder process that misbehaves on command: the width of the photo says how.

Started by tests instead of ``python -m scanner.worker``; everything else is the real worker.
"""

from __future__ import annotations

import os
import re
import signal
import sys
from typing import Any

from PIL import Image

from scanner import decode, worker


def misbehave(image: Image.Image, budget: float, **options: Any) -> decode.Decoded:
    """Decode, or fail in the way that the photo asks for."""
    match image.width:
        case 401:
            # Catastrophic backtracking: C code that holds the interpreter, as a decoder may.
            re.fullmatch(r"(a+)+", "a" * 60 + "b")
        case 402:
            os.kill(os.getpid(), signal.SIGSEGV)
        case 403:
            sys.exit(3)
        case 404:
            os.write(int(sys.argv[1]), b"\xff" * 64)
        case 405:
            bytearray(1 << 40)
    return decode.decode(image, budget, **options)


worker.decode = misbehave

if __name__ == "__main__":
    worker.main(sys.argv[1:])
