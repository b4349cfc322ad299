"""Bundles under a policy, with ES256 and ML-DSA-44: the library and the one file agree."""

from __future__ import annotations

import base64
import io
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger import bundle, codec, note
from ledger.cli import main
from ledger.commands.terminal import say
from ledger.cosignature import parse_verifier
from ledger.errors import FormatError, LedgerError, QuorumError, SignatureError
from ledger.policy import Policy
from ledger.trust import Trust
from tests import one_file
from tests.cosigned import Cosigned, make, named

standalone = one_file.load()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Cosigned:
    return make(tmp_path_factory.mktemp("cosigned"))


def by_policy(data: bytes, policy: str) -> None:
    """Both verifiers must say the same; raises what the library raises."""
    try:
        standalone.verify(data, standalone.Trust([], policy))
        apart = True
    except ValueError:
        apart = False
    try:
        bundle.verify(data, Trust(Policy.parse(policy)))
    except LedgerError:
        assert not apart
        raise
    assert apart


def by_keys(data: bytes, *keys: str) -> None:
    try:
        standalone.verify(data, standalone.Trust(list(keys)))
        apart = True
    except ValueError:
        apart = False
    try:
        bundle.verify(data, Trust.of_key(*map(parse_verifier, keys)))
    except LedgerError:
        assert not apart
        raise
    assert apart


@pytest.mark.parametrize(
    "names", [("one", "two"), ("one", "three"), ("two", "three"), ("one", "two", "three")]
)
def test_two_of_three_witnesses_are_a_quorum(world: Cosigned, names: tuple[str, ...]) -> None:
    by_policy(world.bundle(*names), world.policy)
    step = bundle.steps(world.bundle(*names), Trust(Policy.parse(world.policy)))[1]
    assert all(name in step.value for name in names)


@pytest.mark.parametrize("names", [(), ("one",), ("three",)])
def test_one_witness_is_none(world: Cosigned, names: tuple[str, ...]) -> None:
    with pytest.raises(QuorumError):
        by_policy(world.bundle(*names), world.policy)
    by_policy(world.bundle(*names), world.policy.replace("quorum some", "quorum none"))


def test_the_log_must_sign_with_every_key_that_is_given(world: Cosigned) -> None:
    one, both = world.bundle(mldsa=False), world.bundle()
    by_keys(one, world.keys[0])
    by_keys(both, *world.keys)
    with pytest.raises(SignatureError):
        by_keys(one, *world.keys)
    by_policy(world.bundle("one", "two", mldsa=False), world.policy)


@pytest.mark.parametrize("signer", ["log", "mldsa", "one", "three"])
def test_a_cosignature_of_a_known_key_must_hold(world: Cosigned, signer: str) -> None:
    """Even where the quorum would be met without it."""
    data = world.bundle("one", "two", "three").decode()
    name = world.lab.origin if signer in ("log", "mldsa") else f"{signer}.example/w"
    lines = [part for part in data.split("\\n") if part.startswith(f"— {name} ")]
    line = lines[-1] if signer == "mldsa" else lines[0]
    for at in (len(line) - 60, len(line) - 12):
        changed = line[:at] + ("B" if line[at] == "A" else "A") + line[at + 1 :]
        with pytest.raises(SignatureError):
            by_policy(data.replace(line, changed).encode(), world.policy)


POLICIES = [
    ("quorum some", ""),
    ("quorum some", "quorum other"),
    ("quorum some", "quorum some\nquorum none"),
    ("group some 2 one two three", "group some 4 one two three"),
    ("group some 2 one two three", "group some 0 one two three"),
    ("group some 2 one two three", "group some 2 one one three"),
    ("group some 2 one two three", "group some 2 one none three"),
    ("group some 2 one two three", "group one 2 one two three"),
    ("group some 2 one two three", "group some 02 one two three"),
    ("group some 2 one two three", "group a 1 one\ngroup some 2 one two three"),
    ("witness three", "witness one"),
    ("witness three", "witness none"),
    ("witness three", "log"),
    ("log ", "log\x00"),
    ("# One", "One"),
]


@pytest.mark.parametrize("old, new", POLICIES)
def test_a_policy_that_is_none_is_refused(world: Cosigned, old: str, new: str) -> None:
    with pytest.raises(FormatError):
        by_policy(world.bundle("one", "two"), world.policy.replace(old, new, 1))


def test_groups_of_groups(world: Cosigned) -> None:
    inner = "group pair any one two\ngroup some all pair three\nquorum some\n"
    policy = world.policy.split("group")[0] + inner
    by_policy(world.bundle("two", "three"), policy)
    with pytest.raises(QuorumError):
        by_policy(world.bundle("one", "two"), policy)


def test_a_log_of_another_name_is_refused(world: Cosigned) -> None:
    key = world.lab.signer.verifier
    other = type(key)("log.example/other", key.public_key)
    with pytest.raises(SignatureError):
        by_keys(world.bundle(), other.format())


def test_the_commands_take_a_policy(
    world: Cosigned, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad, policy = (tmp_path / name for name in ("good.json", "bad.json", "policy"))
    good.write_bytes(world.bundle("one", "three"))
    bad.write_bytes(world.bundle("three"))
    policy.write_text(world.policy)
    for file, code in ((good, 0), (bad, 1)):
        assert main(["verify", str(file), "--policy", str(policy)]) == code
        done = subprocess.run(
            [sys.executable, "-I", one_file.FILE, file, "--policy", policy],
            capture_output=True,
            check=False,
        )
        assert done.returncode == code
    assert "witnesses: one, three" in capsys.readouterr().out
    assert main(["verify", str(good)]) == 2
    assert main(["verify", str(good), "--key", world.keys[0], "--policy", str(policy)]) == 2


@pytest.mark.parametrize(
    "change, code",
    [
        (lambda policy: b"# caf\xe9, in Latin-1\n" + policy, 0),
        (lambda policy: re.sub(rb"\bone\b(?!\.)", b"on\x80", policy), 0),
        (lambda policy: policy.replace(b"\n", b"\r\n"), 2),
        (lambda policy: policy.replace(b"\n", b"\r"), 2),
        (lambda policy: b"", 2),
    ],
    ids=["comment", "name", "CRLF", "CR", "empty"],
)
def test_a_policy_file_is_a_file_of_octets(
    world: Cosigned, tmp_path: Path, change: Callable[[bytes], bytes], code: int
) -> None:
    """tlog-policy: high octets are opaque, of control characters only tab and newline may occur."""
    good, policy = tmp_path / "good.json", tmp_path / "policy"
    good.write_bytes(world.bundle("one", "two"))
    policy.write_bytes(change(world.policy.encode()))
    assert main(["verify", str(good), "--policy", str(policy)]) == code
    assert standalone.main([str(good), "--policy", str(policy)]) == min(code, 1)


def test_a_name_that_is_no_text_is_shown_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.BytesIO()
    with io.TextIOWrapper(out, encoding="utf-8") as strict:
        monkeypatch.setattr(sys, "stdout", strict)
        say("witnesses: " + b"on\x80, \xc3\xa9".decode("utf-8", "surrogateescape"))
        strict.flush()
        assert out.getvalue() == b"witnesses: on\\udc80, \xc3\xa9\n"


NAMES = [
    ("\ufeff", True),
    ("n\u200bn", True),
    ("n\x7f", True),
    ("n\x85n", False),
    ("n\u00a0n", False),
    ("n\u1680n", False),
    ("n\u2028n", False),
    ("n\u3000n", False),
    ("", False),
]
"""Key names (signed-note: no Unicode spaces, no plus), and whether they are names."""


@pytest.mark.parametrize("name, good", NAMES)
def test_which_key_names_there_are(name: str, good: bool) -> None:
    vkey, line = named(name)
    signature = f"text\n\n{line}\n".encode()
    for attempt in (
        lambda: parse_verifier(vkey),
        lambda: standalone.read_vkey(vkey),
        lambda: note.parse(signature),
    ):
        if good:
            attempt()
        else:
            with pytest.raises(ValueError):
                attempt()


def test_a_time_has_no_hour_24(world: Cosigned) -> None:
    """Python reads it as the next day from 3.14 on: a second spelling."""
    entry = base64.b64decode(str(world.plain["entry"]))
    standalone.read_entry(entry)
    for member in (b"receivedAt", b"signedAt"):
        late = re.sub(
            b'"%b":"(.{11}).{12}Z"' % member, b'"%b":"\\g<1>24:00:00.000Z"' % member, entry
        )
        assert late != entry
        with pytest.raises(ValueError, match="unexpected text"):
            standalone.read_entry(late)


@pytest.mark.parametrize("number, good", [(2**53 - 1, True), (2**53, False), (2**63 - 1, False)])
def test_numbers_end_where_doubles_are_exact(number: int, good: bool) -> None:
    """RFC 8785, section 3.2.2.3."""
    for whole in (codec.count_of, standalone.whole):
        if good:
            assert whole(number) == number
        else:
            with pytest.raises(ValueError, match="whole number"):
                whole(number)


def test_the_one_file_has_at_most_300_lines() -> None:
    assert len(one_file.FILE.read_text().splitlines()) <= 300
    assert "ledger" not in {
        line.split()[1].split(".")[0]
        for line in one_file.FILE.read_text().splitlines()
        if line.lstrip().startswith(("import ", "from "))
    }
