"""Readers: each checks one kind of JSON value and builds its Python value in the same pass.

A reader never raises for bad data: it notes an error with its JSON Pointer and the pass goes on, so
that a sender sees every fault of a document at once. What it returns after an error is meaningless
and never leaves the package.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gs1.epcis.jsontext import canonical_json, pointer
from gs1.epcis.primitives import is_offset, is_uri, parse_time
from gs1.epcis.vocabulary import Vocabulary
from gs1.errors import EpcisError

Path = tuple[str | int, ...]
_HEX = re.compile(r"[0-9A-Fa-f]+")
_UOM = re.compile(r"[A-Z0-9]{2,3}")
_VERSION = re.compile(r"2(?:\.[0-9]+)*")
_SELF_CONTAINED = frozenset({"http", "https", "urn"})


class TooManyErrors(Exception):
    """The limit of reported errors is reached."""


@dataclass(slots=True)
class Report:
    """Errors found so far, and the prefixes declared by the ``@context`` in force.

    ``prefixes`` is None where a context of another party is named by its address: it may declare
    any prefix, and this library fetches nothing.

    >>> report = Report(limit=10)
    >>> report.add("type", "text expected", ("a", 0), None)
    >>> report.errors[0].pointer
    '/a/0'
    """

    limit: int
    prefixes: frozenset[str] | None = frozenset()
    errors: list[EpcisError] = field(default_factory=list)

    def add(self, code: str, message: str, path: Path, clause: str | None) -> None:
        """Note one error; :class:`TooManyErrors` when the limit is reached."""
        self.errors.append(EpcisError(message, code=code, pointer=pointer(path), clause=clause))
        if len(self.errors) >= self.limit:
            raise TooManyErrors


Reader = Callable[[Any, Path, Report], Any]


def _scalar(
    accepts: Callable[[str], bool], code: str, message: str, clause: str
) -> Callable[[Any, Path, Report], str]:
    def read(value: Any, path: Path, report: Report) -> str:
        if not isinstance(value, str):
            report.add("type", "text expected", path, clause)
        elif not accepts(value):
            report.add(code, message, path, clause)
        return str(value)

    return read


text = _scalar(lambda _: True, "", "", "EPCIS 2.0 §7.3.1")
uri = _scalar(is_uri, "uri", "not a URI (RFC 3986)", "EPCIS 2.0 §7.3.1")
offset = _scalar(
    is_offset, "offset", "not a time zone offset between -14:00 and +14:00", "EPCIS 2.0 §7.4.1"
)
hex_binary = _scalar(
    lambda value: _HEX.fullmatch(value) is not None, "hex", "not hexadecimal", "EPCIS 2.0 §7.3.7"
)
uom = _scalar(
    lambda value: _UOM.fullmatch(value) is not None,
    "uom",
    "not a unit code of UN/ECE Recommendation 20",
    "EPCIS 2.0 §7.3.3.1.1",
)
version = _scalar(
    lambda value: _VERSION.fullmatch(value) is not None,
    "schema-version",
    "schemaVersion 2.x expected",
    "EPCIS 2.0 §10.1",
)
action = _scalar(
    lambda value: value in {"ADD", "OBSERVE", "DELETE"},
    "action",
    "action is ADD, OBSERVE or DELETE",
    "EPCIS 2.0 §7.3.2",
)


def constant(expected: str) -> Reader:
    """Reader of one fixed text.

    >>> report = Report(limit=10)
    >>> constant("ObjectEvent")("Event", ("type",), report)
    'Event'
    >>> report.errors[0].message
    'ObjectEvent expected'
    """
    return _scalar(lambda value: value == expected, "value", f"{expected} expected", "§7.3.1")


def time(value: Any, path: Path, report: Report) -> Any:
    """Read a time stamp with its time zone.

    >>> time("2026-03-01T08:00:00+07:00", (), Report(10)).isoformat()
    '2026-03-01T08:00:00+07:00'
    """
    clause = "EPCIS 2.0 §7.3.1"
    if not isinstance(value, str):
        report.add("type", "text expected", path, clause)
        return None
    try:
        return parse_time(value)
    except ValueError:
        report.add("time", "not a date and time with a time zone (RFC 3339)", path, clause)
        return None


def number(value: Any, path: Path, report: Report) -> Any:
    """Read a number; a boolean is none.

    >>> report = Report(limit=10)
    >>> number(True, ("quantity",), report)
    True
    >>> report.errors[0].message
    'number expected'
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        report.add("type", "number expected", path, "EPCIS 2.0 §7.3.1")
    return value


def boolean(value: Any, path: Path, report: Report) -> Any:
    """Read true or false.

    >>> report = Report(limit=10)
    >>> boolean("true", ("booleanValue",), report)
    'true'
    >>> report.errors[0].code
    'type'
    """
    if not isinstance(value, bool):
        report.add("type", "true or false expected", path, "EPCIS 2.0 §7.3.1")
    return value


def attribute(value: Any, path: Path, report: Report) -> Any:
    """Read the value of a master data attribute: text, number or object.

    >>> attribute({"a": 1}, (), Report(10))
    {'a': 1}
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float | dict):
        report.add("type", "text, number or object expected", path, "EPCIS 2.0 §7.1")
    return value


def word(vocabulary: Vocabulary) -> Reader:
    """Reader of a standard word or of a URI of another party's vocabulary, normalised.

    >>> from gs1.epcis.vocabulary import BIZ_STEP
    >>> word(BIZ_STEP)("https://ref.gs1.org/cbv/BizStep-shipping", (), Report(10))
    'shipping'
    """

    def read(value: Any, path: Path, report: Report) -> str:
        if not isinstance(value, str):
            report.add("type", "text expected", path, vocabulary.clause)
            return ""
        plain = vocabulary.normalise(value)
        if value in vocabulary.words:
            return value
        if value.startswith(vocabulary.barred) or not is_uri(value):
            message = f"not a standard {vocabulary.name}, and not a URI of another vocabulary"
            report.add("vocabulary", message, path, vocabulary.clause)
        elif plain == value and vocabulary.is_reserved(value):
            message = f"GS1 defines no such {vocabulary.name}"
            report.add("vocabulary-reserved", message, path, vocabulary.clause)
        return plain

    return read


def mapped(reader: Reader, convert: Callable[[Any], Any]) -> Reader:
    """Reader whose value is converted afterwards; ``convert`` must accept any value read.

    >>> mapped(text, str.upper)("a", (), Report(10))
    'A'
    """
    return lambda value, path, report: convert(reader(value, path, report))


def list_of(item: Reader, clause: str, *, at_least: int = 0, unique: bool = False) -> Reader:
    """Reader of an array, as a tuple.

    >>> list_of(text, "§7.3.1")(["a", "b"], (), Report(10))
    ('a', 'b')
    """

    def read(value: Any, path: Path, report: Report) -> tuple[Any, ...]:
        if not isinstance(value, list):
            report.add("type", "array expected", path, clause)
            return ()
        if len(value) < at_least:
            report.add("empty", f"at least {at_least} entry expected", path, clause)
        if unique and len(set(map(canonical_json, value))) != len(value):
            report.add("duplicate", "the same entry occurs twice", path, clause)
        return tuple(item(entry, (*path, index), report) for index, entry in enumerate(value))

    return read


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a record: the attribute that holds it, its reader, whether it must be there.

    >>> Member("epc_list", list_of(uri, "§7.4.2")).required
    False
    """

    attribute: str
    reader: Reader
    required: bool = False


Rule = Callable[[Mapping[str, Any], Path, Report], None]


@dataclass(frozen=True, slots=True)
class Record:
    """Reader of an object. ``extra`` says what becomes of a member that is not listed.

    ``extension``: its name must be a URI or a declared prefix and a name, and it is kept;
    ``refuse``: it is an error; ``keep``: it is kept whatever its name. ``rules`` look at several
    members at once; ``keeps_raw`` hands the object itself to ``build`` too.

    >>> report = Report(limit=10)
    >>> Record(dict, {"a": Member("a", text, required=True)}, "§7.4")({}, (), report)
    >>> report.errors[0].message
    'a is missing'
    """

    build: Callable[..., Any]
    members: Mapping[str, Member]
    clause: str
    extra: str = "extension"
    rules: Sequence[Rule] = ()
    keeps_raw: bool = False

    def __call__(self, value: Any, path: Path, report: Report) -> Any:
        """Read the object; the built value, or None where it is no object."""
        if not isinstance(value, dict):
            report.add("type", "object expected", path, self.clause)
            return None
        before = len(report.errors)
        given: dict[str, Any] = {}
        extensions: dict[str, Any] = {}
        for name, content in value.items():
            member = self.members.get(name)
            if member is not None:
                given[member.attribute] = member.reader(content, (*path, name), report)
            else:
                self._check_extra(name, (*path, name), report)
                extensions[name] = content
        for name, member in self.members.items():
            if member.required and name not in value:
                report.add("required", f"{name} is missing", (*path, name), self.clause)
        for rule in self.rules:
            rule(value, path, report)
        if self.extra != "refuse":
            given["extensions"] = extensions
        if self.keeps_raw:
            given["raw"] = value
        return self.build(**given) if len(report.errors) == before else None

    def _check_extra(self, name: str, path: Path, report: Report) -> None:
        if self.extra == "refuse":
            report.add("unknown", f"{name} has no place here", path, self.clause)
        elif self.extra == "extension":
            check_extension_name(name, path, report, self.clause)


def check_extension_name(name: str, path: Path, report: Report, clause: str) -> None:
    """Note an error where the name of an extension is no URI or its prefix is not declared.

    >>> report = Report(limit=10)
    >>> check_extension_name("example:a", ("example:a",), report, "§6.3")
    >>> report.errors[0].message
    "the prefix 'example' is not declared in @context"
    """
    if not is_uri(name):
        message = f"{name!r} is no standard field here, and an extension needs a prefix or a URI"
        report.add("unknown", message, path, clause)
        return
    prefix = name.partition(":")[0]
    if report.prefixes is None or prefix in report.prefixes or prefix.lower() in _SELF_CONTAINED:
        return
    message = f"the prefix {prefix!r} is not declared in @context"
    report.add("prefix", message, path, "EPCIS 2.0 §6.3")
