"""Every AI against its line of the Syntax Dictionary, read here by a reader of the test's own.

The values come from what the line says and from samples of each linter that the General
Specifications give; nothing of the expectations is computed by the library.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import combinations, permutations

import pytest

from gs1 import associations
from gs1.digital_link import DigitalLink
from gs1.digital_link import path as paths
from gs1.element_string import ElementString
from gs1.errors import AssociationError, DigitalLinkError, Gs1Error
from gs1.options import Options
from tests import outside

ALONE = Options(requisites=False)
LETTERS = {"N": "7", "X": "a", "Y": "A", "Z": "a"}
OUTSIDE = {"N": "A", "X": "~", "Y": "a", "Z": "!"}

#: By linter: a component it accepts, and one of the same length that it refuses (if there is one).
SAMPLES: dict[str, tuple[str, str | None]] = {
    "couponcode": ("012345612345611110123", "912345612345611110123"),
    "couponposoffer": ("001234561234560123456", "201234561234560123456"),
    "csumalpha": ("1987654Ad4X4bL5ttr2310c2K", "1987654Ad4X4bL5ttr2310c2L"),
    "hasnondigit": ("A1", "11"),
    "hh": ("23", "24"),
    "hhmi": ("2359", "2360"),
    "hyphen": ("-", "1"),
    "iban": ("GB82WEST12345698765432", "GB83WEST12345698765432"),
    "importeridx": ("_", None),
    "iso3166": ("704", "003"),
    "iso3166999": ("999", "998"),
    "iso3166alpha2": ("VN", "XX"),
    "iso4217": ("704", "002"),
    "iso5218": ("9", "3"),
    "latitude": ("1800000000", "1800000001"),
    "longitude": ("3600000000", "3600000001"),
    "mediatype": ("01", "00"),
    "mi": ("59", "60"),
    "nonzero": ("1", "0"),
    "nozeroprefix": ("1", "0"),
    "packagetype": ("PX", "0Q"),
    "pcenc": ("a%20", "a%2x"),
    "pieceoftotal": ("0102", "0302"),
    "posinseqslash": ("1/2", "3/2"),
    "ss": ("59", "60"),
    "winding": ("9", "2"),
    "yesno": ("1", "2"),
    "yymmd0": ("280200", "280230"),
    "yymmdd": ("280229", "280230"),
    "yyyymmd0": ("20280200", "20280230"),
    "yyyymmdd": ("20280229", "20280230"),
    "zero": ("0", "1"),
}
#: Linters that say nothing beyond the digits and check digits of keys, which have tests below.
PLAIN = {"csum", "gcppos1", "gcppos2", "cset82", "csetnumeric"}


@dataclass(frozen=True)
class Part:
    """One component as the dictionary writes it."""

    kind: str
    least: int
    most: int
    optional: bool
    linters: tuple[str, ...]

    def digits(self) -> str:
        """Digits of full length whose last one is a check digit (7.9.1: weights 3 and 1)."""
        body = "1" * (self.most - 1)
        total = sum(int(d) * (3 if at % 2 == 0 else 1) for at, d in enumerate(reversed(body)))
        return body + str(-total % 10)

    def sample(self, size: int | None = None) -> str:
        """A component that all linters accept, of ``size`` where they leave it open."""
        for linter in self.linters:
            if linter in SAMPLES:
                text = SAMPLES[linter][0]
                # A rule on every character is met by more of them.
                same = linter in ("nonzero", "zero", "hyphen", "hasnondigit", "nozeroprefix")
                return text * self.least if same and len(text) < self.least else text
        if "csum" in self.linters:
            return self.digits()
        return LETTERS[self.kind] * (size or self.least)

    @property
    def is_open(self) -> bool:
        """Whether any length within the limits is allowed."""
        return not (set(self.linters) & (SAMPLES.keys() | {"csum", "gcppos1"}))


@dataclass(frozen=True)
class Line:
    """What the dictionary says of one AI."""

    ai: str
    predefined: bool
    attribute: bool
    parts: tuple[Part, ...]
    requires: tuple[tuple[tuple[str, ...], ...], ...]
    excludes: tuple[str, ...]
    paths: tuple[tuple[str, ...], ...] | None

    def value(self, size: int | None = None) -> str:
        """A value of the mandatory components; ``size`` is that of the last one."""
        mandatory = [part for part in self.parts if not part.optional]
        text = "".join(part.sample() for part in mandatory[:-1]) + mandatory[-1].sample(size)
        first = mandatory[0]
        # Keys of free text begin with a company prefix.
        if "gcppos1" in first.linters and first.kind != "N":
            return text if set(first.linters) & SAMPLES.keys() else "9521" + text[4:]
        return text


def read_part(text: str) -> Part:
    found = re.fullmatch(r"(\[?)([NXYZ])(\.\.)?([0-9]+)\]?((?:,[a-z0-9]+)*)\]?", text)
    assert found, text
    bracket, kind, dots, size, linters = found.groups()
    return Part(
        kind, 1 if dots else int(size), int(size), bool(bracket), tuple(linters.split(",")[1:])
    )


def read_line(text: str) -> list[Line]:
    fields = text.partition("#")[0].split()
    first, _, last = fields.pop(0).partition("-")
    flags = fields.pop(0) if fields[0][0] in "*?" else ""
    named = [field.partition("=") for field in fields if re.match("(req|ex|dlpkey)", field)]
    requires = tuple(
        tuple(tuple(group.split("+")) for group in value.split(","))
        for key, _, value in named
        if key == "req"
    )
    excludes = tuple(ai for key, _, value in named if key == "ex" for ai in value.split(","))
    ways = [
        tuple(tuple(filter(None, way.split(","))) for way in value.split("|"))
        for key, _, value in named
        if key == "dlpkey"
    ]
    parts = tuple(read_part(field) for field in fields if field[0] in "NXYZ[")
    return [
        Line(f"{ai:0{len(first)}}", "*" in flags, "?" in flags, parts, requires, excludes,
             ways[0] if ways else None)
        for ai in range(int(first), int(last or first) + 1)
    ]  # fmt: skip


def read_all() -> dict[str, Line]:
    file = outside.path("gs1/data/gs1-syntax-dictionary-2026-01-27.txt")
    rows = [row for row in file.read_text(encoding="utf-8").splitlines() if row[:1].isdigit()]
    return {line.ai: line for row in rows for line in read_line(row)}


LINES = read_all()
#: A test goes through the AIs that begin with one digit.
EACH = pytest.mark.parametrize(
    "lines",
    [[line for line in LINES.values() if line.ai[0] == digit] for digit in "01234789"],
    ids=lambda lines: f"{lines[0].ai[0]}…",
)


def accepts(ai: str, value: str) -> bool:
    try:
        elements = ElementString.of(((ai, value),), ALONE)
    except Gs1Error:
        return False
    # The three texts agree with the value on its own.
    assert ElementString.parse_bracketed(elements.to_bracketed(), ALONE).items == elements.items
    assert ElementString.parse_raw(elements.to_raw(), ALONE).items == elements.items
    return True


def test_every_linter_has_a_sample() -> None:
    named = {linter for line in LINES.values() for part in line.parts for linter in part.linters}
    assert named <= SAMPLES.keys() | PLAIN
    assert len(LINES) == 541


@EACH
def test_length(lines: list[Line]) -> None:
    for line in lines:
        last = [part for part in line.parts if not part.optional][-1]
        value = line.value()
        assert accepts(line.ai, value)
        assert not accepts(line.ai, "")
        if last.is_open:
            assert accepts(line.ai, line.value(last.most))
            assert not accepts(line.ai, line.value(last.least)[:-1] or "")
        extra = "".join(part.sample(part.most) for part in line.parts if part.optional)
        longest = line.value(last.most) + extra
        assert accepts(line.ai, longest)
        most = sum(part.most for part in line.parts)
        assert not accepts(line.ai, longest.ljust(most + 1, longest[-1]))
        assert not accepts(line.ai, value[:-1] if last.least == last.most else "")


@EACH
def test_characters(lines: list[Line]) -> None:
    for line in lines:
        value = line.value()
        start = 0
        for part in (part for part in line.parts if not part.optional):
            wrong = OUTSIDE[part.kind]
            assert not accepts(line.ai, value[:start] + wrong + value[start + 1 :])
            assert not accepts(line.ai, value[:start] + "٣" + value[start + 1 :])
            start += len(part.sample())


@EACH
def test_linters(lines: list[Line]) -> None:
    """Each component with a rule is refused when it breaks it, the others being right."""
    for line in lines:
        mandatory = [part for part in line.parts if not part.optional]
        for index, part in enumerate(mandatory):
            for linter in part.linters:
                samples = [other.sample() for other in mandatory]
                if linter == "csum":
                    samples[index] = samples[index][:-1] + str((int(samples[index][-1]) + 1) % 10)
                elif linter == "gcppos1" and part.kind != "N":
                    samples[index] = "952A"
                elif SAMPLES.get(linter, ("", None))[1]:
                    samples[index] = str(SAMPLES[linter][1])
                    if len(samples[index]) < part.least:
                        samples[index] *= part.least
                else:
                    continue
                assert not accepts(line.ai, "".join(samples)), linter


@EACH
def test_separator_after_the_value(lines: list[Line]) -> None:
    for line in lines:
        last = "98" if line.ai != "98" else "97"
        elements = ElementString.of(((line.ai, line.value()), (last, "A")), ALONE)
        assert (f"^{last}A" in elements.to_data()) is not line.predefined
        assert ElementString.parse_data(elements.to_data(), ALONE).items == elements.items


def fits(pattern: str, ai: str) -> bool:
    return re.fullmatch(pattern.replace("n", "[0-9]"), ai) is not None


def first(pattern: str) -> str:
    return next(ai for ai in LINES if fits(pattern, ai))


@EACH
def test_associations(lines: list[Line]) -> None:
    for line in lines:
        for need in line.requires:
            for group in need:
                together = [line.ai, *map(first, group)]
                for other in line.requires:
                    together += [] if other is need else map(first, other[0])
                try:
                    associations.check_requisites(together)
                except AssociationError as error:
                    # What it needs may need something in turn.
                    assert error.ai != line.ai, group
        if line.requires:
            with pytest.raises(AssociationError):
                associations.check_requisites([line.ai])
        else:
            associations.check_requisites([line.ai])
        for other in LINES:
            excluded = any(fits(pattern, other) for pattern in line.excludes)
            back = any(fits(pattern, line.ai) for pattern in LINES[other].excludes)
            if other != line.ai and (excluded or back):
                with pytest.raises(AssociationError):
                    associations.check_exclusive([other, line.ai])
            else:
                associations.check_exclusive([other, line.ai])


@EACH
def test_digital_link(lines: list[Line]) -> None:
    for line in lines:
        assert paths.is_attribute(line.ai, unknown_attributes=False) is line.attribute
        ways = line.paths
        allowed = (
            set()
            if ways is None
            else {
                (line.ai, *choice)
                for way in ways
                for size in range(len(way) + 1)
                for choice in combinations(way, size)
            }
        )
        qualifiers = {ai for way in ways or () for ai in way} | {"10", "21", "17"}
        for size in range(4):
            for choice in permutations(sorted(qualifiers), size):
                assert paths.is_valid((line.ai, *choice)) is ((line.ai, *choice) in allowed)
        uri = f"https://example.com/{line.ai}/" + "".join(
            char if char.isalnum() else f"%{ord(char):02X}" for char in line.value()
        )
        if ways is None:
            with pytest.raises(DigitalLinkError):
                DigitalLink.parse(uri, ALONE)
        else:
            assert DigitalLink.parse(uri, ALONE).element_string.items == ((line.ai, line.value()),)


def test_no_line_is_left_out() -> None:
    assert {ai[0] for ai in LINES} == set("01234789")
