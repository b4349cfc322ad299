"""Problem tree: every refusal a client can meet, as RFC 9457 JSON or as a page by Accept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.i18n import N_
from gs1.errors import EpcisError, Gs1Error


@dataclass(frozen=True, slots=True)
class FieldError:
    """One fault in the input: JSON Pointer or form field, machine code, English text, clause."""

    pointer: str
    code: str
    detail: str
    clause: str | None = None
    params: Mapping[str, object] = field(default_factory=dict)


class Problem(Exception):
    """A refusal. ``title``, ``detail`` and ``advice`` are msgids, translated when rendered.

    ``code`` ends the problem's type URI (``/problems/<code>``); ``params`` fill the msgids.
    ``title`` says more exactly what kind of refusal this is than its class does; ``advice`` is
    what a person can do, where the page of the status would advise something else.
    """

    status = 400
    code = "bad-request"
    title = N_("The request cannot be carried out")

    def __init__(
        self,
        detail: str = "",
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        title: str = "",
        advice: str = "",
        **params: object,
    ) -> None:
        self.title = title or self.title
        self.advice = advice
        super().__init__(detail or self.title)
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.params = params


class Invalid(Problem):
    """The input is readable, but breaks a rule; ``errors`` names each field and clause."""

    status = 422
    code = "invalid"
    title = N_("Some values are not valid")


class Malformed(Problem):
    """The body is not what its media type promises."""

    status = 400
    code = "malformed"
    title = N_("The body could not be read")


class Unauthenticated(Problem):
    """No valid key or session came with the request."""

    status = 401
    code = "unauthenticated"
    title = N_("Please sign in")


class Forbidden(Problem):
    """The caller is known, but may not do this."""

    status = 403
    code = "forbidden"
    title = N_("This is not allowed")


class NotFound(Problem):
    """Nothing lies under this address."""

    status = 404
    code = "not-found"
    title = N_("There is nothing here")


class Gone(Problem):
    """What lay here was deleted on purpose, and will not come back."""

    status = 410
    code = "gone"
    title = N_("The content was deleted")


class WrongMethod(Problem):
    """The address is right, but takes another kind of request; ``Allow`` names which."""

    status = 405
    code = "method-not-allowed"
    title = N_("This address takes no such request")


class Conflict(Problem):
    """What is asked for contradicts what is already there."""

    status = 409
    code = "conflict"
    title = N_("This is already there")


class TooLarge(Problem):
    """The body exceeds its cap."""

    status = 413
    code = "too-large"
    title = N_("This is too large")


class UnsupportedMedia(Problem):
    """The media type is not one that this address reads."""

    status = 415
    code = "unsupported-media-type"
    title = N_("This kind of content is not supported")


class TooMany(Problem):
    """The rate limit is reached; ``Retry-After`` says for how many seconds."""

    status = 429
    code = "too-many-requests"
    title = N_("Too many requests")


class Unavailable(Problem):
    """The service cannot do this now, but will later."""

    status = 503
    code = "unavailable"
    title = N_("Not available right now")


def from_gs1(error: Gs1Error, pointer: str = "") -> Invalid:
    """Wrap a refusal of the gs1 library, naming the field, the rule and its clause."""
    where = error.pointer if isinstance(error, EpcisError) else pointer
    return Invalid(errors=[FieldError(where, error.code, error.message, error.clause)])
