"""Frames between the web process and its decoder process, over one socket.

A frame is two big-endian 32-bit lengths, a JSON object and a byte string (photo or preview).
"""

from __future__ import annotations

import json
import socket
import struct
import time
from typing import Any

_LENGTHS = struct.Struct(">II")
MAX_JSON = 16_000_000
MAX_BLOB = 256_000_000


class WireError(Exception):
    """The other side closed the socket or sent no frame."""


def send(channel: socket.socket, message: dict[str, Any], blob: bytes = b"") -> None:
    """Send one frame; the socket's timeout bounds the whole of it."""
    text = json.dumps(message).encode()
    channel.sendall(_LENGTHS.pack(len(text), len(blob)) + text + blob)


def receive(
    channel: socket.socket, deadline: float | None = None
) -> tuple[dict[str, Any], bytes] | None:
    """Next frame, or None at the end of the stream; ``deadline`` is on the monotonic clock.

    Raises :class:`WireError` for a broken frame and ``TimeoutError`` when the deadline passes.
    """
    head = _exactly(channel, _LENGTHS.size, deadline, may_end=True)
    if head is None:
        return None
    text_size, blob_size = _LENGTHS.unpack(head)
    if text_size > MAX_JSON or blob_size > MAX_BLOB:
        raise WireError("a frame larger than any real one")
    text = _exactly(channel, text_size, deadline)
    blob = _exactly(channel, blob_size, deadline)
    try:
        message = json.loads(text or b"")
    except ValueError as error:
        raise WireError("a frame without JSON") from error
    if not isinstance(message, dict):
        raise WireError("a frame without a JSON object")
    return message, bytes(blob or b"")


def _exactly(
    channel: socket.socket, size: int, deadline: float | None, *, may_end: bool = False
) -> bytearray | None:
    buffer = bytearray(size)
    view, filled = memoryview(buffer), 0
    while filled < size:
        if deadline is not None:
            channel.settimeout(max(1e-3, deadline - time.monotonic()))
        got = channel.recv_into(view[filled:])
        if got == 0:
            if may_end and filled == 0:
                return None
            raise WireError("the stream ended inside a frame")
        filled += got
    return buffer
