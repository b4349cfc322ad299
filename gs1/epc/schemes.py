"""The EPC schemes: what the dot-separated parts of a URN are, and which AIs they stand for.

EPC Tag Data Standard 2.3, sections 6 (URN syntax) and 7 (correspondence to GS1 keys).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from gs1.check_digit import CSET82, check_digit
from gs1.epc.faults import fault
from gs1.errors import EpcError
from gs1.keys.key import CSET39, DIGITS

Fields = tuple[str | None, ...]
Items = tuple[tuple[str, str], ...]

#: A valid last part of every scheme whose pattern of one class names a key.
WILDCARD_STAND_IN = "0"

CAGE = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_AEROSPACE = DIGITS + _UPPER + "-/"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a URN: characters, fewest and most of them, and the AI that carries it.

    ``ai`` None means that the part is appended to the key. With ``shared`` the company prefix
    counts towards ``most``. ``largest`` bounds a number, which then has no leading zeros.
    ``absent`` is the text that stands for "not there" in the URN.

    >>> Part("lot", CSET82, 20).check("A B", 0)
    Traceback (most recent call last):
    ...
    gs1.errors.EpcError: lot: ' ' is not allowed
    """

    name: str
    charset: str
    most: int
    fewest: int = 1
    ai: str | None = None
    shared: bool = False
    largest: int | None = None
    absent: str | None = None

    def check(self, text: str, prefix_length: int) -> None:
        """Raise EpcError unless ``text`` has the form of this part."""
        valid = len(text) - len(text.lstrip(self.charset))
        if valid < len(text):
            message = f"{self.name}: {text[valid]!a} is not allowed"
            raise fault("epc_character", message, "6.3", valid)
        most = self.most - prefix_length if self.shared else self.most
        if not self.fewest <= len(text) <= most:
            message = f"{self.name} has {len(text)} characters, not {self.fewest} to {most}"
            raise fault("epc_part_length", message, "6.3")
        if self.largest is not None and (int(text) > self.largest or str(int(text)) != text):
            message = f"{self.name} is no number from 0 to {self.largest} without leading zeros"
            raise fault("epc_number", message, "6.3")


@dataclass(frozen=True, slots=True)
class Scheme:
    """An EPC scheme outside the GS1 system: only parts, no AIs.

    >>> SCHEMES["gid"].check(("95100000", "12345", "400"))
    >>> SCHEMES["gid"].items(("95100000", "12345", "400"))
    ()
    """

    name: str
    parts: tuple[Part, ...]

    # ``class`` for the one class scheme, LGTIN.
    urn_type: str = "id"

    @property
    def size(self) -> int:
        """Number of parts in the URN."""
        return len(self.parts)

    def check(self, fields: Sequence[str]) -> None:
        """Raise EpcError unless these are the parts of one EPC of this scheme."""
        for part, text in zip(self.parts, fields, strict=True):
            part.check(text, 0)

    def items(self, fields: Sequence[str]) -> Items:
        """The AIs with values that mean the same: none, outside the GS1 system."""
        return ()


@dataclass(frozen=True, slots=True)
class Aerospace(Scheme):
    """ADI: a serial that begins with ``#`` has at least one character after it (TDS 6.3.14).

    >>> SCHEMES["adi"].check(("2S194", "", "#"))
    Traceback (most recent call last):
    ...
    gs1.errors.EpcError: serial has 0 characters, not 1 to 30
    """

    def check(self, fields: Sequence[str]) -> None:
        """Raise EpcError unless these are the parts of one EPC of this scheme."""
        cage, part_number, serial = fields
        Scheme.check(self, (cage, part_number, serial.removeprefix("#")))
        if len(serial) > 30:
            raise fault("epc_part_length", "an ADI serial has at most 30 characters", "6.3")


@dataclass(frozen=True, slots=True)
class Container(Scheme):
    """BIC: owner code, category identifier, serial number with check digit (ISO 6346).

    >>> SCHEMES["bic"].check(("CSQA3054383",))
    Traceback (most recent call last):
    ...
    gs1.errors.EpcError: CSQA3054383 is no container number
    """

    def check(self, fields: Sequence[str]) -> None:
        """Raise EpcError unless this is the form of a container number.

        The check digit is not verified: containers with a wrong one are in use.
        """
        (text,) = fields
        Scheme.check(self, fields)
        owner, category, number = text[:3], text[3], text[4:]
        if owner.lstrip(_UPPER) or category not in "JUZ" or number.lstrip(DIGITS):
            raise fault("epc_container", f"{text} is no container number", "6.3")


@dataclass(frozen=True, slots=True)
class Gs1Scheme(Scheme):
    """A scheme of a GS1 key: company prefix first, then the parts.

    ``ai`` carries the key; ``digits`` is how many digits prefix and reference have together (0
    where the reference is free text); ``indicator``: the first digit of the reference stands
    before the prefix in the key; ``head``: what the AI puts before the key.

    >>> GS1_SCHEMES["sgtin"].items(("9521141", "012345", "4711"))
    (('01', '09521141123454'), ('21', '4711'))
    >>> GS1_SCHEMES["sscc"].fields({"00": "095201234567891235"}, 7)
    ('9520123', '0456789123')
    """

    ai: str = ""
    digits: int = 0
    indicator: bool = False
    head: str = ""

    @property
    def size(self) -> int:
        """Number of parts in the URN."""
        return len(self.parts) + (2 if self.digits else 1)

    def check(self, fields: Sequence[str]) -> None:
        """Raise EpcError unless these are the parts of one EPC of this scheme."""
        length = len(fields[0])
        if not (6 <= length <= 12 and _are_digits(fields[0])):
            raise _prefix_fault()
        rest = fields[1:]
        if self.digits:
            reference, rest = fields[1], fields[2:]
            if len(reference) != self.digits - length or reference.lstrip(DIGITS):
                message = f"prefix and reference have {self.digits} digits together"
                raise fault("epc_reference", message, "6.3")
        for part, text in zip(self.parts, rest, strict=True):
            part.check(text, length)

    def items(self, fields: Sequence[str]) -> Items:
        """The AIs with values that mean the same EPC, key first."""
        key, rest = self._key(fields)
        others = []
        for part, text in zip(self.parts, rest, strict=True):
            if part.ai is None:
                key += text
            elif text != part.absent:
                others.append((part.ai, text))
        return ((self.ai, self.head + key), *others)

    def class_items(self, fields: Sequence[str]) -> Items:
        """The key of all EPCs that differ only in the last part, which ``fields`` lack."""
        (ai, value), *_ = self.items((*fields, WILDCARD_STAND_IN))
        return ((ai, value if self.parts[-1].ai else value[: -len(WILDCARD_STAND_IN)]),)

    def lacks_last(self, values: Mapping[str, str]) -> bool:
        """True when ``values`` have the key of a class: the last part of the URN is not there."""
        if not self.parts or self.parts[-1].absent is not None:
            return False
        last = self.parts[-1]
        if last.ai:
            return last.ai not in values
        return bool(self.digits) and len(values[self.ai]) == len(self.head) + self.digits + 1

    def _key(self, fields: Sequence[str]) -> tuple[str, Sequence[str]]:
        prefix = fields[0]
        if not self.digits:
            return prefix, fields[1:]
        reference = fields[1]
        at = 1 if self.indicator else 0
        body = reference[:at] + prefix + reference[at:]
        return body + check_digit(body), fields[2:]

    def fields(self, values: Mapping[str, str], prefix_length: int) -> tuple[str, ...]:
        """Parts of the URN for AI values, given the length of the company prefix.

        The inverse of ``items``; EpcError when no URN of this scheme means these values.
        """
        if not 6 <= prefix_length <= 12:
            raise _prefix_fault()
        key = values[self.ai]
        rest = key.removeprefix(self.head)
        fields: list[str] = []
        if self.digits:
            body, rest = rest[: self.digits], rest[self.digits + 1 :]
            at = 1 if self.indicator else 0
            fields.append(body[at : at + prefix_length])
            fields.append(body[:at] + body[at + prefix_length :])
        else:
            fields.append(rest[:prefix_length])
            rest = rest[prefix_length:]
        for part in self.parts:
            if part.ai is None:
                # Piece and total of an ITIP have two digits each; elsewhere one part takes all.
                width = 2 if part.most == 2 else len(rest)
                fields.append(rest[:width])
                rest = rest[width:]
            else:
                fields.append(values.get(part.ai, part.absent or ""))
        self.check(fields)
        if self.items(fields)[0][1] != key:
            raise fault("epc_key", f"({self.ai}){key} is not a valid key", "7")
        return tuple(fields)


def _prefix_fault() -> EpcError:
    return fault("epc_company_prefix", "a company prefix has 6 to 12 digits", "6.3")


def _are_digits(text: str) -> bool:
    return not text.lstrip(DIGITS)


def _serial(most: int, ai: str | None = None, charset: str = CSET82) -> Part:
    return Part("serial", charset, most, ai=ai)


def _trade_item(name: str, part: Part, urn_type: str = "id") -> Gs1Scheme:
    return Gs1Scheme(name, (part,), urn_type, ai="01", digits=13, indicator=True)


_SCHEMES = (
    _trade_item("sgtin", _serial(20, "21")),
    _trade_item("lgtin", Part("lot", CSET82, 20, ai="10"), "class"),
    _trade_item("upui", Part("third party extension", CSET82, 28, ai="235")),
    Gs1Scheme(
        "itip",
        (Part("piece", DIGITS, 2, 2), Part("total", DIGITS, 2, 2), _serial(20, "21")),
        ai="8006",
        digits=13,
        indicator=True,
    ),
    Gs1Scheme("sscc", (), ai="00", digits=17, indicator=True),
    Gs1Scheme("sgln", (Part("extension", CSET82, 20, ai="254", absent="0"),), ai="414", digits=12),
    Gs1Scheme("pgln", (), ai="417", digits=12),
    Gs1Scheme("grai", (_serial(16),), ai="8003", digits=12, head="0"),
    Gs1Scheme("giai", (Part("asset reference", CSET82, 30, shared=True),), ai="8004"),
    Gs1Scheme("gsrn", (), ai="8018", digits=17),
    Gs1Scheme("gsrnp", (), ai="8017", digits=17),
    Gs1Scheme("gdti", (_serial(17),), ai="253", digits=12),
    Gs1Scheme("sgcn", (_serial(12, charset=DIGITS),), ai="255", digits=12),
    Gs1Scheme("gsin", (), ai="402", digits=16),
    Gs1Scheme("ginc", (Part("consignment reference", CSET82, 30, shared=True),), ai="401"),
    Gs1Scheme(
        "cpi",
        (Part("part reference", CSET39, 30, shared=True), _serial(12, "8011", DIGITS)),
        ai="8010",
    ),
    Scheme(
        "gid",
        (
            Part("general manager", DIGITS, 9, largest=2**28 - 1),
            Part("object class", DIGITS, 8, largest=2**24 - 1),
            Part("serial", DIGITS, 11, largest=2**36 - 1),
        ),
    ),
    Scheme(
        "usdod",
        (Part("CAGE or DoDAAC", CAGE, 6, 5), Part("serial", DIGITS, 11, largest=2**36 - 1)),
    ),
    Aerospace(
        "adi",
        (
            Part("CAGE or DoDAAC", CAGE, 6, 5),
            Part("original part number", _AEROSPACE, 32, 0),
            Part("serial", _AEROSPACE, 30),
        ),
    ),
    Container("bic", (Part("container", _UPPER + DIGITS, 11, 11),)),
    Scheme("imovn", (Part("vessel", DIGITS, 7, 7),)),
)

SCHEMES: Mapping[str, Scheme] = MappingProxyType({scheme.name: scheme for scheme in _SCHEMES})
GS1_SCHEMES: Mapping[str, Gs1Scheme] = MappingProxyType(
    {scheme.name: scheme for scheme in _SCHEMES if isinstance(scheme, Gs1Scheme)}
)


def scheme_named(name: str) -> Scheme:
    """The scheme of that name; EpcError when there is none.

    >>> scheme_named("sgtin").size
    3
    """
    try:
        return SCHEMES[name]
    except KeyError:
        raise fault("epc_scheme", f"{name[:20]!a} is no EPC scheme", "6.3") from None
