"""The error tree of the scanner.

::

    ScanError
    ├── PhotoRefused        the bytes are not a photo this service opens; the sender can do better
    │   ├── EmptyPhoto  NotAnImage  UnsupportedFormat  TruncatedPhoto  DamagedPhoto
    │   ├── PhotoTooLarge
    │   └── CardNotUsable
    ├── DecoderFault        the decoder did not answer; the photo may be fine, nothing was learnt
    │   └── DecoderTimeout  DecoderCrashed  DecoderBusy
    └── SymbolError         a symbol or a label cannot be written from this data
"""

from __future__ import annotations

from typing import ClassVar


class ScanError(Exception):
    """A photo could not be read or a symbol not be written; ``code`` is a stable machine name."""

    code: ClassVar[str] = "scan-failed"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class PhotoRefused(ScanError):
    """The bytes are not a photo that this scanner opens."""

    code = "photo-refused"


class EmptyPhoto(PhotoRefused):
    """There are no bytes."""

    code = "empty-photo"


class NotAnImage(PhotoRefused):
    """The bytes start like no picture format."""

    code = "not-an-image"


class UnsupportedFormat(PhotoRefused):
    """A picture, but of a format that is not opened (SVG, HEIC, PDF …)."""

    code = "unsupported-format"


class TruncatedPhoto(PhotoRefused):
    """The end of the file is missing: a part of the picture would be invented."""

    code = "truncated-photo"


class DamagedPhoto(PhotoRefused):
    """The format is right, but the content breaks its rules."""

    code = "damaged-photo"


class PhotoTooLarge(PhotoRefused):
    """More bytes or more pixels than the limits allow."""

    code = "photo-too-large"


class CardNotUsable(PhotoRefused):
    """The patches of a reference card lie outside the photo or look alike."""

    code = "card-not-usable"


class DecoderFault(ScanError):
    """The decoder process gave no answer; it is replaced and the next photo works."""

    code = "decoder-fault"


class DecoderTimeout(DecoderFault):
    """The decoder took longer than allowed and was killed."""

    code = "decoder-timeout"


class DecoderCrashed(DecoderFault):
    """The decoder process died or answered nonsense."""

    code = "decoder-crashed"


class DecoderBusy(DecoderFault):
    """Too many photos are waiting already; ask again later."""

    code = "decoder-busy"


class SymbolError(ScanError):
    """This data, size or combination cannot be printed as that symbol."""

    code = "symbol-refused"


def _tree(root: type[ScanError]) -> dict[str, type[ScanError]]:
    found = {root.code: root}
    for child in root.__subclasses__():
        found |= _tree(child)
    return found


BY_CODE = _tree(ScanError)
