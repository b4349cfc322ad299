"""The decoder process: ``python -m scanner.worker FD MEMORY SECONDS``.

Pillow, zxing-cpp and zbar meet strangers' bytes here and only here. The process holds no secret,
writes no file, and is bounded in memory. It answers one request after the other until the web
process closes the socket; a request that outlives its time is ended by the kernel's alarm even
when a C decoder holds the interpreter and the web process is gone.
"""

from __future__ import annotations

import resource
import signal
import socket
import sys
import time
import warnings
from typing import Any

from PIL import Image

from scanner import errors, image, wire
from scanner.decode import decode
from scanner.header import Limits
from scanner.quality.report import QualityReport, card_from_wire
from scanner.quality.report import to_wire as quality_to_wire
from scanner.reading import Reading, to_wire
from scanner.sighting import live_decoders

Answer = tuple[dict[str, Any], bytes]


def answer(request: dict[str, Any], photo: bytes) -> Answer:
    """Carry out one request (``read``, ``quality``, ``preview``, ``decoders``).

    Raises :class:`ScanError`.
    """
    match request["do"]:
        case "read":
            return _read(request, photo)
        case "quality":
            return _quality(request, photo)
        case "preview":
            return {}, image.preview(photo, request["max_side"], _limits(request))
        case "decoders":
            return {"decoders": live_decoders()}, b""
        case unknown:
            raise ValueError(f"unknown request {unknown!r}")


def _read(request: dict[str, Any], photo: bytes) -> Answer:
    started = time.perf_counter()
    limits = _limits(request)
    gray, image_format = image.open_gray(photo, limits)
    decoded = decode(gray, request["budget"] - (time.perf_counter() - started))
    preview = image.preview(photo, request["preview"], limits) if request["preview"] else None
    reading = Reading(
        symbols=decoded.symbols,
        disagreements=decoded.disagreements,
        width=gray.width,
        height=gray.height,
        image_format=image_format,
        decoders=live_decoders(),
        attempt=decoded.attempt,
        elapsed_ms=(time.perf_counter() - started) * 1e3,
        notes=decoded.notes,
    )
    return to_wire(reading), preview or b""


def _quality(request: dict[str, Any], photo: bytes) -> Answer:
    # Loaded when first asked for: most decoder processes never measure anything.
    from scanner.quality.assess import assess

    started = time.perf_counter()
    gray, image_format = image.open_gray(photo, _limits(request))
    card = card_from_wire(request["card"]) if request["card"] else None
    decoded = decode(gray, request["budget"])
    symbols, calibrated = assess(gray, decoded.symbols, card)
    report = QualityReport(
        symbols=symbols,
        width=gray.width,
        height=gray.height,
        image_format=image_format,
        calibrated=calibrated,
        elapsed_ms=(time.perf_counter() - started) * 1e3,
    )
    return quality_to_wire(report)


def _limits(request: dict[str, Any]) -> Limits:
    return Limits(*request["limits"])


def serve(channel: socket.socket, seconds: float) -> None:
    """Answer requests until the other side closes; each may take ``seconds`` and no more."""
    while (frame := wire.receive(channel)) is not None:
        # SIGALRM keeps its default action, which ends the process without asking Python.
        signal.setitimer(signal.ITIMER_REAL, seconds + 1)
        try:
            message, blob = answer(*frame)
        except errors.ScanError as error:
            message, blob = {"error": error.code, "message": error.message}, b""
        except MemoryError:
            too_large = errors.PhotoTooLarge("too large for the memory of the decoder")
            message, blob = {"error": too_large.code, "message": too_large.message}, b""
        signal.setitimer(signal.ITIMER_REAL, 0)
        wire.send(channel, message, blob)


def confine(memory: int) -> None:
    """Bound the address space to ``memory`` bytes; write no file and no core dump."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the web process, which closes us
    warnings.simplefilter("ignore")
    Image.init()  # load the plugins now, not while the first photo waits


def main(arguments: list[str]) -> None:
    """Serve the socket that the parent passed as a file descriptor."""
    descriptor, memory, seconds = arguments
    confine(int(memory))
    with socket.socket(fileno=int(descriptor)) as channel:
        serve(channel, float(seconds))


if __name__ == "__main__":
    main(sys.argv[1:])
