import base64
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger import bundle, checkpoint, log, merkle, redaction
from ledger.bundle import State
from ledger.errors import (
    CommitmentError,
    FormatError,
    KeyStatusError,
    LedgerError,
    MissingError,
    ProofError,
    RedactedError,
    SignatureError,
)
from ledger.keys import PrivateKey
from ledger.note import Signer
from ledger.proof import Proof
from ledger.statement import Redact
from tests import one_file
from tests.ledger_lab import ORIGIN, Lab, seed

Bundle = dict[str, Any]
standalone = one_file.load()


def apart(data: bytes, *vkeys: str, policy: str = "") -> Any:
    """What the one file says, that imports nothing of ours."""
    return standalone.verify(data, standalone.Trust(list(vkeys), policy))


def make(lab: Lab, index: int, position: int = 0) -> Bundle:
    with lab.engine.connect() as connection:
        return log.make_bundle(
            connection, lab.tiles, origin=lab.origin, index=index, position=position
        )


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """Two streams; the first changes its key, and its first key is revoked later."""
    folder = tmp_path_factory.mktemp("bundle")
    lab = Lab(f"sqlite:///{folder / 'log.db'}", folder / "tiles").create()
    lab.add_key("s")
    lab.add_key("t")
    lab.append("s", b"one", b"two", b"three")  # 2
    second = PrivateKey.from_bytes(seed("second"))
    lab.add_key("s", second, by=lab.key("s"))  # 3
    lab.revoke_key("s", lab.key("s").kid, by=second)  # 4
    lab.keys["s"] = second
    lab.append("s", "cà phê".encode(), b"")  # 5
    lab.append("t", b"other")  # 6
    lab.grow("t", 300)
    lab.integrate()
    return lab


@pytest.mark.parametrize(
    "index, position", [(2, 0), (2, 1), (2, 2), (5, 0), (5, 1), (6, 0), (300, 0)]
)
def test_both_verifiers_accept_every_item(world: Lab, index: int, position: int) -> None:
    made = make(world, index, position)
    data = bundle.dump(made)
    proven = bundle.verify(data, world.vkey)
    assert bundle.verify(made, world.signer.verifier) == proven
    assert (proven.index, proven.position, proven.checkpoint.size) == (index, position, 307)
    assert {step.state for step in bundle.steps(data, world.vkey)} == {State.RIGHT}
    proved = apart(data, world.vkey)
    assert (proved["payload"], proved["index"], proved["size"]) == (proven.payload, index, 307)
    if (index, position) == (5, 0):
        assert proven.payload.decode() == "cà phê"


@pytest.mark.parametrize("index, start", [(2, 0), (5, 1)])
def test_a_flipped_bit_anywhere_is_refused_by_both(world: Lab, index: int, start: int) -> None:
    data = bundle.dump(make(world, index))
    for at in range(start, len(data), 5):
        flipped = bytearray(data)
        flipped[at] ^= 1 << at % 8
        with pytest.raises(LedgerError):
            bundle.verify(bytes(flipped), world.vkey)
        with pytest.raises(ValueError):
            apart(bytes(flipped), world.vkey)


@settings(deadline=None)
@given(data=st.data())
def test_other_json_is_refused_by_both(world: Lab, data: st.DataObject) -> None:
    """One value anywhere in the bundle replaced by something of another kind or content."""
    made = make(world, 5)
    at, places = made, []

    def walk(value: Any, parent: Any, key: Any) -> None:
        if parent is not None:
            places.append((parent, key, value))
        if isinstance(value, dict):
            for name in value:
                walk(value[name], value, name)
        elif isinstance(value, list):
            for number, one in enumerate(value):
                walk(one, value, number)

    walk(at, None, None)
    parent, key, old = data.draw(st.sampled_from(places))
    parent[key] = data.draw(
        st.sampled_from(
            [None, True, 0, 1, -1, 2**63, 1.5, "", "AAAA", [], {}, [[]], old and [old]]
        ).filter(lambda new: type(new) is not type(old) or new != old)
    )
    text = bundle.dump(made)
    with pytest.raises(LedgerError):
        bundle.verify(made, world.vkey)
    with pytest.raises(LedgerError):
        bundle.verify(text, world.vkey)
    with pytest.raises(ValueError):
        apart(text, world.vkey)


def with_entry(made: Bundle, change: Callable[[bytes], bytes]) -> Bundle:
    body = change(base64.b64decode(made["entry"]))
    return made | {"entry": base64.b64encode(body).decode()}


def outcome(made: Bundle, vkey: str) -> dict[str, State]:
    return {step.name: step.state for step in bundle.steps(made, vkey)}


def test_steps_after_a_failure_go_on_and_are_never_right_by_default(world: Lab) -> None:
    made = make(world, 2)
    stranger = Signer.generate(ORIGIN).verifier.format()
    states = outcome(made, stranger)
    assert states["checkpoint"] is State.WRONG
    assert states["form"] is states["entry"] is states["item"] is State.RIGHT
    for name in ("inclusion", "keys", "active", "signature"):
        assert states[name] is State.NOT_CHECKED
    assert set(outcome({}, world.vkey).values()) == {State.WRONG, State.NOT_CHECKED}


def refused(lab: Lab, made: Bundle, error: type[LedgerError], name: str) -> None:
    """This step, and no other, is wrong; both verifiers refuse."""
    assert [n for n, state in outcome(made, lab.vkey).items() if state is State.WRONG] == [name]
    with pytest.raises(error):
        bundle.verify(made, lab.vkey)
    with pytest.raises(ValueError):
        apart(bundle.dump(made), lab.vkey)


def test_an_item_that_was_not_signed_is_located(world: Lab) -> None:
    made = make(world, 2)
    changes: tuple[dict[str, Any], ...] = (
        {"payload": "b3RoZXI="},
        {"salt": base64.b64encode(bytes(16)).decode()},
        {"salt": "AAAA"},
        {"position": 1},
        {"position": 3},
        {"path": []},
        {"path": make(world, 2, 1)["item"]["path"]},
    )
    for change in changes:
        error = FormatError if change == {"salt": "AAAA"} else CommitmentError
        refused(world, made | {"item": made["item"] | change}, error, "item")


def test_an_entry_that_is_not_in_the_log_is_located(world: Lab) -> None:
    changed = with_entry(
        make(world, 2), lambda body: body.replace(b'"receivedAt":"2026', b'"receivedAt":"2025')
    )
    refused(world, changed, ProofError, "inclusion")


def test_keys_that_do_not_authorise_are_located(world: Lab) -> None:
    made, other = make(world, 5), make(world, 6)
    refused(world, made | {"keys": []}, KeyStatusError, "active")
    refused(world, made | {"keys": made["keys"][1:]}, KeyStatusError, "keys")
    refused(world, made | {"keys": made["keys"][::-1]}, KeyStatusError, "keys")
    refused(world, made | {"keys": other["keys"]}, FormatError, "keys")
    refused(world, made | {"keys": made["keys"] * 2}, FormatError, "keys")
    own = {"entry": made["entry"], "path": []}
    refused(world, made | {"keys": [*made["keys"], own]}, FormatError, "keys")
    cut = [made["keys"][0] | {"path": made["keys"][0]["path"][1:]}, *made["keys"][1:]]
    refused(world, made | {"keys": cut}, ProofError, "keys")


def signed_by(key: PrivateKey, body: bytes) -> bytes:
    """The entry with another key's signature over its statement."""
    entry = json.loads(body)
    statement = json.dumps(entry["statement"], sort_keys=True, separators=(",", ":"))
    entry["signature"] = base64.b64encode(key.sign(statement.encode())).decode()
    return json.dumps(entry, sort_keys=True, separators=(",", ":")).encode()


def test_a_log_that_lies_about_a_signature_is_located(tmp_path: Path) -> None:
    """An operator who enters a statement that the party did not sign."""
    lab = Lab(f"sqlite:///{tmp_path / 'log.db'}", tmp_path / "tiles").create()
    lab.add_key("s")
    appended = lab.append("s", b"one")
    lab.integrate()
    made = make(lab, 1)
    forged = signed_by(lab.operator, appended.entry_bytes)
    key = base64.b64decode(made["keys"][0]["entry"])
    leaves = [merkle.leaf_hash(key), merkle.leaf_hash(forged)]
    signed = checkpoint.sign(checkpoint.Checkpoint(lab.origin, 2, merkle.root(leaves)), lab.signer)
    made["entry"] = base64.b64encode(forged).decode()
    made["keys"][0]["path"] = [base64.b64encode(leaves[1]).decode()]
    made["proof"] = Proof(1, (leaves[0],), signed).format().decode()
    refused(lab, made, SignatureError, "signature")


def test_a_revocation_for_the_past_takes_the_proof_away(tmp_path: Path) -> None:
    lab = Lab(f"sqlite:///{tmp_path / 'log.db'}", tmp_path / "tiles").create()
    lab.add_key("s")
    lab.append("s", b"one")
    lab.append("s", b"two")
    lab.revoke_key("s", lab.key("s").kid, as_of=2)
    lab.integrate()
    bundle.verify(make(lab, 1), lab.vkey)
    refused(lab, make(lab, 2), KeyStatusError, "active")


def test_a_key_entry_has_no_items(world: Lab) -> None:
    made = make(world, 2)
    key = made["keys"][0]
    proof = made["proof"].split("\n\n", 1)[1]
    swapped = made | {
        "entry": key["entry"],
        "proof": "\n".join(["c2sp.org/tlog-proof@v1", "index 0", *key["path"], "", proof]),
    }
    states = outcome(swapped, world.vkey)
    assert states["inclusion"] is State.RIGHT
    assert states["active"] is states["item"] is State.WRONG
    with pytest.raises(ValueError):
        apart(bundle.dump(swapped), world.vkey)


@pytest.mark.parametrize("vkey", ["", "log.example/nguon", "log.example/nguon+00000000+AAAA"])
def test_a_key_that_is_none_is_an_error_of_the_caller(world: Lab, vkey: str) -> None:
    with pytest.raises(FormatError):
        bundle.steps(make(world, 2), vkey)
    with pytest.raises(ValueError):
        apart(bundle.dump(make(world, 2)), vkey)


def test_there_is_no_bundle_for_what_is_not_there(tmp_path: Path) -> None:
    lab = Lab(f"sqlite:///{tmp_path / 'log.db'}", tmp_path / "tiles").create()
    lab.add_key("s")
    lab.append("s", b"one", b"two")
    with pytest.raises(MissingError):
        make(lab, 1)
    lab.integrate()
    for index, position in ((0, 0), (1, 2), (2, 0)):
        with pytest.raises(MissingError):
            make(lab, index, position)
    lab.say(Redact(1, (0,), "Law 91/2025/QH15, article 14", "the operator"))
    with lab.engine.begin() as connection:
        redaction.destroy(connection, lab.origin)
    with pytest.raises(RedactedError):
        make(lab, 1, 0)
    bundle.verify(make(lab, 1, 1), lab.vkey)


def test_the_stand_alone_file_runs_alone(world: Lab, tmp_path: Path) -> None:
    """In another folder, in isolated mode, so that nothing of ours can be imported."""
    script = tmp_path / "verify.py"
    script.write_bytes(one_file.FILE.read_bytes())
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_bytes(bundle.dump(make(world, 5)))
    bad.write_bytes(good.read_bytes().replace(b'"position":0', b'"position":1'))

    def run(*arguments: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-I", script, *arguments], capture_output=True, text=True, check=False
        )
        assert done.stderr == "" or done.returncode == 2
        return done.returncode, done.stdout

    assert run(str(good), world.vkey) == (
        0,
        f"RIGHT: entry 5 of 307, stream s, signed by {world.key('s').kid}\n",
    )
    assert run(str(bad), world.vkey)[0] == 1
    assert run(str(tmp_path / "none.json"), world.vkey)[0] == 1
    assert run()[0] == 2
