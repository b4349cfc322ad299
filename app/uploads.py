"""Photos that people send: taken out of the form, and why one is refused."""

from __future__ import annotations

from flask import request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import RequestEntityTooLarge

from app.i18n import N_
from app.problems import Invalid, Problem, TooLarge, Unavailable, UnsupportedMedia
from app.runtime import Runtime
from scanner import errors

_HEAVY = N_("The photo is too large")


def received(rt: Runtime) -> tuple[bytes, ImmutableMultiDict[str, str]]:
    """The first photo of the field ``photo`` that is not empty, and the other fields."""
    try:
        files, form = request.files.getlist("photo"), request.form
    except RequestEntityTooLarge:
        raise _too_large(rt) from None
    photo = next((data for file in files if (data := file.read())), b"")
    if len(photo) > rt.settings.max_photo_bytes:
        raise _too_large(rt)
    return photo, form


def _too_large(rt: Runtime) -> TooLarge:
    megabytes = rt.settings.max_photo_bytes // 1_000_000
    return TooLarge(
        N_("The photo has more than %(megabytes)s megabytes."), title=_HEAVY, megabytes=megabytes
    )


def busy() -> Unavailable:
    """All decoders are at work."""
    return Unavailable(
        N_("Many photos are being read right now. Send yours again in a few seconds."),
        headers={"Retry-After": "5"},
    )


def refusal(refused: errors.PhotoRefused) -> Problem:
    """What to tell about a photo that cannot be opened."""
    match refused:
        case errors.PhotoTooLarge():
            detail = N_("The photo has more pixels than we read. Send a smaller one.")
            return TooLarge(detail, title=_HEAVY)
        case errors.NotAnImage() | errors.UnsupportedFormat():
            return UnsupportedMedia(
                N_("We read photos as JPEG, PNG, WebP, GIF, BMP, TIFF or AVIF."),
                title=N_("This file is not a photo we can read"),
            )
        case errors.TruncatedPhoto():
            detail = N_("A part of the photo is missing. Please send it again.")
            return Invalid(detail, title=N_("The photo did not arrive whole"))
        case errors.EmptyPhoto():
            detail = N_("Nothing is in the file. Choose a photo, or type the digits.")
            return Invalid(detail, title=N_("The file is empty"))
        case _:
            detail = N_("It cannot be opened as a picture. Please take it again.")
            return Invalid(detail, title=N_("The photo is damaged"))
