"""The decoder process: ``python -m scanner.worker FD MEMORY SECONDS``.

Pillow, zxing-cpp and zbar meet strangers' bytes here and only here. The process holds no secret,
writes no file, and is bounded in memory. It answers one request after the other until the web
process closes the socket; a request that outlives its time is ended by the kernel's alarm even
when a C decoder holds the interpreter and the web process is gone.
"""

from __future__ import annotations

import math
import resource
import signal
import socket
import sys
import time
import warnings
from dataclasses import replace
from typing import Any

from PIL import Image

from scanner import document, errors, image, wire
from scanner.decode import BUDGET, EFFORT, Decoded, decode
from scanner.header import PDF, Limits, is_pdf
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
    if is_pdf(photo):
        reading, preview = _read_document(photo, request, started), b""
    else:
        reading, preview = _read_photo(photo, request, started)
    reading = replace(reading, elapsed_ms=(time.perf_counter() - started) * 1e3)
    return to_wire(reading), preview


def _read_photo(photo: bytes, request: dict[str, Any], started: float) -> tuple[Reading, bytes]:
    limits = _limits(request)
    coarse = image.open_coarse(photo, limits)
    decoded = decode(
        coarse.gray,
        _time_left(request, started),
        finer=coarse.finer,
        factor=coarse.factor,
        effort=request.get("effort", EFFORT),
    )
    size = request.get("preview", 0)
    preview = image.preview(photo, size, limits) if size else b""
    reading = _reading(decoded, (coarse.width, coarse.height), coarse.image_format)
    return reading, preview


def _read_document(photo: bytes, request: dict[str, Any], started: float) -> Reading:
    """The symbols of all pages that are drawn; the size is that of the first."""
    readings: list[Reading] = []
    for number, page in enumerate(document.pages(photo, _limits(request)), 1):
        budget = _time_left(request, started)
        if readings and budget <= 0:
            late = (f"time spent before page {number}",)
            readings.append(replace(readings[0], symbols=(), disagreements=(), notes=late))
            break
        decoded = decode(page, budget, effort=request.get("effort", EFFORT))
        readings.append(_reading(decoded, page.size, PDF, number))
    if not readings:
        raise errors.DamagedPhoto("the PDF has no page")
    return replace(
        readings[0],
        symbols=tuple(symbol for reading in readings for symbol in reading.symbols),
        disagreements=tuple(item for reading in readings for item in reading.disagreements),
        notes=tuple(note for reading in readings for note in reading.notes),
    )


def _reading(decoded: Decoded, size: tuple[int, int], image_format: str, page: int = 1) -> Reading:
    """What a picture gave; the time is set when all is done."""
    note = f"page {page}: " if image_format == PDF else ""
    return Reading(
        symbols=tuple(replace(symbol, page=page) for symbol in decoded.symbols),
        disagreements=tuple(replace(item, page=page) for item in decoded.disagreements),
        width=size[0],
        height=size[1],
        image_format=image_format,
        decoders=live_decoders(),
        attempt=decoded.attempt,
        elapsed_ms=0.0,
        notes=tuple(note + text for text in decoded.notes),
    )


def _time_left(request: dict[str, Any], started: float) -> float:
    budget: float = request.get("budget", BUDGET)
    return budget - (time.perf_counter() - started)


def _quality(request: dict[str, Any], photo: bytes) -> Answer:
    # Loaded when first asked for: most decoder processes never measure anything.
    from scanner.quality.assess import assess

    if is_pdf(photo):
        raise errors.UnsupportedFormat("print quality is measured on photos of the print, not PDF")
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
        _allow_cpu(seconds + 1)
        try:
            message, blob = answer(*frame)
        except errors.ScanError as error:
            message, blob = {"error": error.code, "message": error.message}, b""
        except MemoryError:
            too_large = errors.PhotoTooLarge("too large for the memory of the decoder")
            message, blob = {"error": too_large.code, "message": too_large.message}, b""
        signal.setitimer(signal.ITIMER_REAL, 0)
        wire.send(channel, message, blob)


def _allow_cpu(seconds: float) -> None:
    """So much more processor time and no more: SIGXCPU ends the process without asking Python."""
    used = time.process_time()
    _soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(used + seconds), hard))


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
