"""The error tree of the GS1 library: one root, a leaf for each kind of cause."""

from __future__ import annotations


class Gs1Error(ValueError):
    """Text or data breaks a GS1 rule.

    ``code`` is a stable machine name of the rule; ``ai`` the Application Identifier concerned;
    ``position`` the 0-based offset in the input; ``clause`` the section of the standard;
    ``markup`` the faulty part between bars, as the GS1 reference engine marks it.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str,
        ai: str | None = None,
        position: int | None = None,
        clause: str | None = None,
        markup: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.ai = ai
        self.position = position
        self.clause = clause
        self.markup = markup


class FormatError(Gs1Error):
    """The text does not have the form of what it should be."""


class ComponentError(Gs1Error):
    """The form is right, but a value is not allowed: a linter failed."""


class CheckDigitError(ComponentError):
    """A check digit or a check character pair is wrong."""


class AssociationError(Gs1Error):
    """Application Identifiers that need, exclude or contradict each other."""


class DigitalLinkError(Gs1Error):
    """The URI is not a valid GS1 Digital Link URI."""


class EpcError(Gs1Error):
    """An EPC URN, tag URI or binary encoding is not valid."""


class EpcisError(Gs1Error):
    """An EPCIS document or event is not valid; ``pointer`` is the JSON Pointer (RFC 6901)."""

    def __init__(self, message: str, *, code: str, pointer: str, clause: str | None = None) -> None:
        super().__init__(message, code=code, clause=clause)
        self.pointer = pointer


class CapacityError(Gs1Error):
    """No number is left to issue under a company prefix."""
