import base64
import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from ledger import checkpoint, entry, statement
from ledger.checkpoint import Checkpoint
from ledger.errors import CommitmentError, FormatError, TooLargeError
from ledger.note import Signer
from ledger.statement import (
    Batch,
    Close,
    Continue,
    KeyAdd,
    KeyRevoke,
    Redact,
    Root,
    Statement,
)
from tests.ledger_lab import NOW

names = st.text("ABCabc019_-", min_size=1, max_size=64)
streams = st.text([chr(c) for c in range(33, 127) if chr(c) not in '"\\'], min_size=1, max_size=200)
hashes = st.binary(min_size=32, max_size=32)
numbers = st.integers(0, 2**53 - 1)


origins = st.from_regex(r"[a-z0-9.-]{1,40}/[a-z0-9]{1,20}", fullmatch=True)
# One line of text without spaces at its ends, in any script.
words = st.text(
    st.characters(blacklist_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=200
).filter(lambda text: text == text.strip(" "))


@st.composite
def notes(draw: st.DrawFn) -> tuple[str, bytes]:
    origin = draw(origins)
    head = Checkpoint(origin, draw(numbers), draw(hashes))
    return origin, checkpoint.sign(head, Signer.generate(origin))


redactions = st.builds(
    Redact,
    numbers,
    st.sets(numbers, min_size=1, max_size=20).map(sorted).map(tuple),
    words,
    words,
)


@st.composite
def statements(draw: st.DrawFn) -> Statement:
    kind, body = draw(
        st.one_of(
            st.tuples(
                st.sampled_from(["events", "masterdata", "x.1-a"]),
                st.builds(Batch, st.integers(1, 2**53 - 1), hashes),
            ),
            st.tuples(st.just("key.add"), st.builds(KeyAdd, names, st.binary(max_size=40))),
            st.tuples(st.just("key.revoke"), st.builds(KeyRevoke, names, st.none() | numbers)),
            st.tuples(st.just("log.redact"), redactions),
            st.tuples(st.just("log.close"), st.builds(Close, origins)),
            st.tuples(st.just("log.continue"), notes().map(lambda pair: Continue(*pair))),
            st.tuples(st.just("log.root"), notes().map(lambda pair: Root(*pair))),
        )
    )
    return Statement(
        draw(streams), draw(numbers), draw(hashes), kind, draw(names), draw(names), NOW, body
    )


@given(statements())
def test_statements_return_and_are_rfc_8785(value: Statement) -> None:
    data = value.format()
    assert statement.parse(data) == value
    assert data == rfc8785.dumps(json.loads(data))
    assert value.hash == hashlib.sha256(data).digest()
    assert b"\n" not in data


@given(statements(), st.data())
def test_a_flipped_bit_is_refused_or_another_statement(
    value: Statement, data: st.DataObject
) -> None:
    text = bytearray(value.format())
    bit = data.draw(st.integers(0, len(text) * 8 - 1))
    text[bit // 8] ^= 1 << bit % 8
    try:
        other = statement.parse(bytes(text))
    except FormatError:
        return
    assert other != value
    assert other.format() == bytes(text)


VALID = json.loads(
    Statement("s", 0, bytes(32), "events", "Ed25519", "k", NOW, Batch(1, bytes(32))).format()
)


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2},
        {"v": True},
        {"seq": -1},
        {"seq": True},
        {"seq": "0"},
        {"count": 0},
        {"root": "00"},
        {"prev": "AB" * 32},
        {"kind": ""},
        {"kind": "Events"},
        {"kind": "key.other"},
        {"kind": "key.add"},
        {"kind": "log.redact"},
        {"kind": "log.other"},
        {"kind": "é"},
        {"kind": None},
        {"stream": ""},
        {"stream": "a b"},
        {"stream": 'a"b'},
        {"stream": "a\nb"},
        {"stream": "a" * 201},
        {"stream": "ố"},
        {"alg": ""},
        {"alg": 1},
        {"kid": "a+b"},
        {"signedAt": "2026-11-22T17:00:00Z"},
        {"signedAt": 0},
        {"more": 1},
        {"key": {}},
    ],
)
def test_other_members_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(FormatError):
        statement.parse(rfc8785.dumps(VALID | change))


NOTE = checkpoint.sign(Checkpoint("log.example/1", 3, bytes(32)), Signer.generate("log.example/1"))
REDACT = {"basis": "b", "by": "w", "entry": 0, "positions": [0]}


REDACT_FAULTS: list[dict[str, Any]] = [
    {"basis": ""},
    {"basis": "x" * 501},
    {"basis": "a\nb"},
    {"basis": "a\u2028b"},
    {"basis": "a\x7fb"},
    {"basis": " a"},
    {"basis": 1},
    {"by": ""},
    {"by": "x" * 201},
    {"by": None},
    {"entry": -1},
    {"entry": "0"},
    {"positions": []},
    {"positions": [1, 1]},
    {"positions": [2, 1]},
    {"positions": [-1]},
    {"positions": [True]},
    {"positions": 0},
    {"positions": None},
    {"more": 1},
]


def with_body(kind: str, body: object) -> bytes:
    common = {k: v for k, v in VALID.items() if k not in ("count", "root")}
    return rfc8785.dumps(common | {"kind": f"log.{kind}", kind: body})


def points(note: bytes, origin: str = "log.example/1") -> dict[str, str]:
    return {"checkpoint": base64.b64encode(note).decode(), "origin": origin}


@pytest.mark.parametrize(
    "kind, body",
    [
        ("redact", REDACT),
        ("close", {"next": "log.example/2"}),
        ("continue", points(NOTE)),
        ("root", points(NOTE)),
    ],
)
def test_what_is_said_of_the_log_is_read_as_documented(kind: str, body: object) -> None:
    data = with_body(kind, body)
    assert statement.parse(data).format() == data
    with pytest.raises(FormatError):
        statement.parse(rfc8785.dumps(json.loads(data) | {"count": 1}))
    with pytest.raises(FormatError):
        statement.parse(data.replace(b'"kind":"log.', b'"kind":"xlog.'))


@pytest.mark.parametrize(
    "kind, body",
    [
        *(("redact", REDACT | change) for change in REDACT_FAULTS),
        ("close", {"next": ""}),
        ("close", {"next": "a b"}),
        ("close", {"next": "a+b"}),
        ("close", {"next": None}),
        ("close", {}),
        ("close", "log.example/2"),
        *(
            (kind, body)
            for kind in ("continue", "root")
            for body in (
                points(NOTE, "log.example/2"),
                points(NOTE[:-1]),
                points(b"log.example/1\n"),
                points(b""),
                points(NOTE) | {"checkpoint": NOTE.decode()},
                points(NOTE) | {"more": 1},
                {"origin": "log.example/1"},
            )
        ),
    ],
)
def test_what_is_said_of_the_log_has_one_form(kind: str, body: object) -> None:
    with pytest.raises(FormatError):
        statement.parse(with_body(kind, body))


def test_text_that_no_json_can_hold_is_refused() -> None:
    with pytest.raises(FormatError):
        statement.build_log(
            Redact(0, (0,), "\ud800", "w"),
            stream="s",
            seq=0,
            prev=bytes(32),
            alg="Ed25519",
            kid="k",
            signed_at=NOW,
        )


@pytest.mark.parametrize("number", [b"1.0", b"1e0", b"01", b"+1", b"1_0"])
def test_a_number_in_another_spelling_is_refused(number: bytes) -> None:
    data = rfc8785.dumps(VALID)
    assert data.count(b'"count":1,') == 1
    with pytest.raises(FormatError):
        statement.parse(data.replace(b'"count":1,', b'"count":%s,' % number))


@pytest.mark.parametrize("name", sorted(VALID))
def test_every_member_is_needed(name: str) -> None:
    with pytest.raises(FormatError):
        statement.parse(rfc8785.dumps({k: v for k, v in VALID.items() if k != name}))


def test_commitment_is_sha256_of_salt_and_event() -> None:
    salt = bytes(range(16))
    assert statement.commitment(salt, b"event") == hashlib.sha256(salt + b"event").digest()
    for wrong in (b"", bytes(15), bytes(17)):
        with pytest.raises(FormatError):
            statement.commitment(wrong, b"event")


def test_build_takes_the_root_over_the_commitments() -> None:
    values = [hashlib.sha256(bytes([n])).digest() for n in range(3)]
    data = statement.build(
        stream="s",
        seq=4,
        prev=bytes(32),
        commitments=values,
        alg="Ed25519",
        kid="k",
        signed_at=NOW,
        kind="masterdata",
    )

    def node(*parts: bytes) -> bytes:
        return hashlib.sha256(b"".join(parts)).digest()

    leaves = [node(b"\0", value) for value in values]
    root = node(b"\1", node(b"\1", leaves[0], leaves[1]), leaves[2])
    parsed = statement.parse(data)
    assert parsed.body == Batch(3, root)
    assert (parsed.kind, parsed.seq, parsed.signed_at) == ("masterdata", 4, NOW)
    statement.check_items(parsed, values)
    for wrong in (values[:2], values[::-1], [], [*values, values[0]]):
        with pytest.raises(CommitmentError):
            statement.check_items(parsed, wrong)


def test_build_refuses_what_parse_would_refuse() -> None:
    common: dict[str, Any] = {"prev": bytes(32), "alg": "Ed25519", "kid": "k", "signed_at": NOW}
    with pytest.raises(FormatError):
        statement.build(stream="a b", seq=0, commitments=[bytes(32)], **common)
    with pytest.raises(FormatError):
        statement.build(stream="s", seq=0, commitments=[], **common)
    with pytest.raises(FormatError):
        statement.build(stream="s", seq=0, commitments=[bytes(32)], kind="key.add", **common)


def test_genesis_ties_a_stream_to_its_log() -> None:
    first = {statement.genesis(log, stream) for log in ("a", "b") for stream in ("c", "d")}
    assert len(first) == 4
    assert statement.genesis("log", "s") == hashlib.sha256(b"log\ns").digest()
    assert entry.genesis("log") == hashlib.sha256(b"log").digest()


@given(statements(), numbers, hashes, st.binary(max_size=100))
def test_entries_return_and_are_rfc_8785(
    value: Statement, index: int, prev: bytes, signature: bytes
) -> None:
    made = entry.Entry(index, prev, NOW, signature, value)
    data = made.format()
    assert entry.parse(data) == made
    assert data == rfc8785.dumps(json.loads(data))
    assert entry.hash_of(data) == hashlib.sha256(data).digest()


ENTRY = json.loads(
    entry.Entry(0, bytes(32), NOW, b"s", statement.parse(rfc8785.dumps(VALID))).format()
)


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2},
        {"v": True},
        {"index": -1},
        {"index": True},
        {"prev": ""},
        {"signature": "A"},
        {"signature": None},
        {"receivedAt": "now"},
        {"statement": "text"},
        {"statement": []},
        {"more": 1},
    ],
)
def test_other_members_of_an_entry_are_refused(change: dict[str, Any]) -> None:
    entry.parse(rfc8785.dumps(ENTRY))
    with pytest.raises(FormatError):
        entry.parse(rfc8785.dumps(ENTRY | change))


def test_an_entry_has_at_most_65535_bytes() -> None:
    data = replace(entry.parse(rfc8785.dumps(ENTRY)), signature=b"")
    room = 65_535 - len(data.format())
    longest = replace(data, signature=bytes(room // 4 * 3))
    assert len(longest.format()) <= 65_535
    with pytest.raises(TooLargeError):
        replace(data, signature=bytes(room // 4 * 3 + 3)).format()
    with pytest.raises(TooLargeError):
        entry.parse(b"{" + bytes(65_535))
