"""What all GS1 identification keys share: one text value, checked on construction."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Self

from gs1 import check_digit, prefix
from gs1.errors import CheckDigitError, FormatError

DIGITS = "0123456789"
CSET39 = "#-/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
CSET82 = check_digit.CSET82


@dataclass(frozen=True, slots=True)
class IdentificationKey(ABC):
    """One GS1 identification key; an object that exists holds a valid value.

    ``value`` is the key as the GS1 General Specifications write it. ``ai`` is the Application
    Identifier that carries it, ``title`` its short name. Building one from bad text raises
    FormatError (form) or CheckDigitError (check digit or pair), with position and clause.
    """

    value: str

    ai: ClassVar[str]
    title: ClassVar[str]
    clause: ClassVar[str]
    # 0-based place of the company prefix in the value.
    prefix_offset: ClassVar[int] = 0

    def __post_init__(self) -> None:
        self._check()

    @abstractmethod
    def _check(self) -> None:
        """Raise a Gs1Error unless ``value`` is valid."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``text``, which must be exactly this key: no spaces, separators or AI."""
        return cls(text)

    @classmethod
    def from_ai_value(cls, value: str) -> Self:
        """Read the data of this key's Application Identifier."""
        return cls(value)

    @property
    def ai_value(self) -> str:
        """The key as the data of its Application Identifier."""
        return self.value

    def format(self) -> str:
        """The text this key was read from."""
        return self.value

    def __str__(self) -> str:
        return self.value

    def company_prefix(self) -> str | None:
        """The GS1 Company Prefix, or None when the bundled table does not know it."""
        return prefix.company_prefix(self.value[self.prefix_offset :])

    def _fail(self, code: str, message: str, position: int | None = None) -> FormatError:
        return FormatError(
            f"{self.title}: {message}",
            code=code,
            ai=self.ai,
            position=position,
            clause=self.clause,
        )

    def _check_digits(self, text: str, length: int, offset: int = 0) -> None:
        """Require ``length`` ASCII digits in ``text`` whose last one is the check digit."""
        self._require_digits(text, length, offset)
        try:
            check_digit.verify(text)
        except CheckDigitError as error:
            raise self._check_failure(error) from None

    def _require_digits(self, text: str, length: int, offset: int = 0) -> None:
        if not (text.isascii() and text.isdigit()):
            position = offset + first_non_digit(text)
            raise self._fail("non_digit_character", "only ASCII digits are allowed", position)
        if len(text) != length:
            raise self._fail(
                "wrong_length",
                f"{len(text)} digits where {length} are needed",
                offset + min(len(text), length),
            )

    def _check_failure(self, error: CheckDigitError) -> CheckDigitError:
        return CheckDigitError(
            f"{self.title}: {error.message}",
            code=error.code,
            ai=self.ai,
            position=error.position,
            clause=error.clause,
            markup=error.markup,
        )

    def _require_characters(self, text: str, charset: str, maximum: int, offset: int = 0) -> None:
        """Require at most ``maximum`` characters, each one of ``charset``."""
        valid = len(text) - len(text.lstrip(charset))
        if valid < len(text):
            raise self._fail("invalid_character", f"{text[valid]!a} is not allowed", offset + valid)
        if len(text) > maximum:
            raise self._fail(
                "too_long", f"at most {maximum} characters are allowed here", offset + maximum
            )

    def _require_prefix(self) -> None:
        """Require the four leading digits that any GS1 Company Prefix has."""
        leading = first_non_digit(self.value)
        if leading < 4:
            raise self._fail(
                "company_prefix_too_short",
                "must begin with a GS1 Company Prefix of 4 or more digits",
                leading,
            )


def first_non_digit(text: str) -> int:
    """0-based place of the first character that is no ASCII digit, or the length of ``text``.

    >>> first_non_digit("952A"), first_non_digit("952")
    (3, 3)
    """
    return len(text) - len(text.lstrip(DIGITS))


@dataclass(frozen=True, slots=True)
class TypeKey(IdentificationKey):
    """A key of 13 digits that names a type, and may go on with the serial of one thing of it.

    >>> from gs1.keys import Grai
    >>> grai = Grai("9521141000014A7")
    >>> grai.type_number, grai.serial
    ('9521141000014', 'A7')
    """

    serial_charset: ClassVar[str] = CSET82
    serial_maximum: ClassVar[int]

    def _check(self) -> None:
        self._check_digits(self.value[:13], 13)
        self._require_characters(
            self.value[13:], self.serial_charset, self.serial_maximum, offset=13
        )

    @property
    def type_number(self) -> str:
        """The 13 digits that name the type, check digit included."""
        return self.value[:13]

    @property
    def serial(self) -> str | None:
        """Serial component, or None when the key names only the type."""
        return self.value[13:] or None
