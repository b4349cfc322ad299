"""Every status that tlog-witness prescribes, and what a refusal leaves behind."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ledger import checkpoint, merkle, note
from ledger.checkpoint import Checkpoint
from ledger.cosignature import Ed25519Signer, MlDsaSigner, generate_log_signer
from ledger.errors import FormatError, SignatureError, StateError
from ledger.note import Note, Signature, Signer
from ledger.policy import Log, Policy
from ledger.witness import evidence
from ledger.witness.core import Answer, Witness
from ledger.witness.protocol import (
    AddCheckpoint,
    format_lines,
    origin_hash,
    parse_lines,
    parse_request,
    parse_size,
)
from ledger.witness.state import Seen, State
from tests.ledger_lab import NOW, seed

ORIGIN = "log.example/nguon"
LOG = generate_log_signer(ORIGIN)
OTHER = generate_log_signer("other.example/log")
UNKNOWN = generate_log_signer("unknown.example/log")
KEYS = (Ed25519Signer.generate("w.example/1"), MlDsaSigner.generate("w.example/1"))
VKEYS = tuple(key.verifier.format() for key in KEYS)
POLICY = Policy(tuple(Log(key) for key in (*LOG.verifiers, OTHER.verifier)))
LEAVES = [merkle.leaf_hash(bytes([n])) for n in range(40)]
FORKED = [*LEAVES[:4], merkle.leaf_hash(b"not what you saw"), *LEAVES[5:]]


class Bench:
    """A witness with a clock that is set by hand."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = NOW
        self.state = State(folder / "state.db", VKEYS)
        self.witness = Witness(
            POLICY, KEYS, self.state, now=lambda: self.clock, folder=folder / "evidence"
        )

    def send(
        self,
        old: int,
        size: int,
        leaves: list[bytes] = LEAVES,
        proof: tuple[bytes, ...] | None = None,
    ) -> Answer:
        return self.witness.add_checkpoint(request(old, size, leaves, proof).format())

    def evidence(self) -> list[evidence.Evidence]:
        return [evidence.parse(file.read_bytes()) for file in self.files()]

    def files(self) -> list[Path]:
        return sorted((self.folder / "evidence").glob("*.json"))


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.state.close()


def head(size: int, leaves: list[bytes] = LEAVES, origin: str = ORIGIN) -> Checkpoint:
    return Checkpoint(origin, size, merkle.root(leaves[:size]))


def path(old: int, size: int, leaves: list[bytes] = LEAVES) -> tuple[bytes, ...]:
    if not 0 < old < size:
        return ()
    return tuple(merkle.prove_consistency(merkle.subtree(leaves), old, size))


def request(
    old: int,
    size: int,
    leaves: list[bytes] = LEAVES,
    proof: tuple[bytes, ...] | None = None,
) -> AddCheckpoint:
    signed = note.parse(LOG.sign(head(size, leaves), NOW))
    return AddCheckpoint(old, path(old, size, leaves) if proof is None else proof, signed)


def test_growth_is_cosigned_by_every_key(bench: Bench) -> None:
    for old, size in ((0, 1), (1, 2), (2, 5), (5, 8), (8, 8), (8, 31)):
        answer = bench.send(old, size)
        assert answer.status == 200
        text = head(size).format()
        cosigned = Note(text, parse_lines(answer.body))
        assert len(cosigned.signatures) == 2
        for key in KEYS:
            assert key.verifier.times(cosigned) == [int(NOW.timestamp())]
    assert bench.files() == []


def test_an_empty_log_is_cosigned_too(bench: Bench) -> None:
    assert bench.send(0, 0).status == 200
    assert bench.send(0, 0).status == 200
    assert bench.send(0, 3).status == 200
    assert bench.send(0, 0).status == 409


def test_409_tells_the_size_and_changes_nothing(bench: Bench) -> None:
    assert bench.send(0, 5).status == 200
    for old, size in ((0, 5), (0, 8), (3, 8), (4, 5), (7, 8)):
        answer = bench.send(old, size)
        assert (answer.status, answer.content_type) == (409, "text/x.tlog.size")
        assert answer.body == b"5\n"
        assert parse_size(answer.body) == 5
    assert bench.send(5, 8).status == 200
    assert bench.files() == []


def test_a_first_request_may_not_name_an_old_size(bench: Bench) -> None:
    answer = bench.send(3, 5)
    assert (answer.status, answer.body) == (409, b"0\n")


def test_404_for_a_log_that_is_not_followed(bench: Bench) -> None:
    signed = note.parse(UNKNOWN.sign(head(3, origin=UNKNOWN.name), NOW))
    body = AddCheckpoint(0, (), signed).format()
    assert bench.witness.add_checkpoint(body).status == 404


def test_403_without_a_signature_of_the_log(bench: Bench) -> None:
    text = head(3).format()
    strangers = (OTHER.ed25519.sign(text), KEYS[0].cosign(text, NOW))
    body = AddCheckpoint(0, (), Note(text, strangers)).format()
    assert bench.witness.add_checkpoint(body).status == 403
    impostor = generate_log_signer(ORIGIN)
    body = AddCheckpoint(0, (), note.parse(impostor.sign(head(3), NOW))).format()
    assert bench.witness.add_checkpoint(body).status == 403


@pytest.mark.parametrize("which", [0, 1])
def test_403_if_one_trusted_signature_fails_though_another_holds(bench: Bench, which: int) -> None:
    lines = list(note.parse(LOG.sign(head(3), NOW)).signatures)
    last = lines[which].value[-1] ^ 1
    lines[which] = replace(lines[which], value=lines[which].value[:-1] + bytes([last]))
    body = AddCheckpoint(0, (), Note(head(3).format(), tuple(lines))).format()
    assert bench.witness.add_checkpoint(body).status == 403
    assert bench.send(0, 3).status == 200


def test_signatures_of_strangers_are_ignored(bench: Bench) -> None:
    signed = note.parse(LOG.sign(head(3), NOW))
    noise = Signature("noise.example", b"\1\2\3\4", bytes(64))
    body = AddCheckpoint(0, (), Note(signed.text, (noise, *signed.signatures, noise))).format()
    answer = bench.witness.add_checkpoint(body)
    assert answer.status == 200
    stored = note.parse(bench.witness.checkpoint(origin_hash(ORIGIN)).body)
    assert noise not in stored.signatures


def test_400_if_the_old_size_is_larger(bench: Bench) -> None:
    assert bench.send(9, 8).status == 400
    assert bench.send(0, 5).status == 200
    assert bench.send(5, 3).status == 400


BASE = request(5, 8)
HASH = "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw="


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"old 0\n",
        b"old 0\n\n",
        b"10 stuff\n\n" + BASE.signed.format(),
        b"old\n\n" + BASE.signed.format(),
        b"old \n\n" + BASE.signed.format(),
        b"old 05\n\n" + BASE.signed.format(),
        b"old -5\n\n" + BASE.signed.format(),
        b"old +5\n\n" + BASE.signed.format(),
        b"old 5 \n\n" + BASE.signed.format(),
        "old ٥\n\n".encode() + BASE.signed.format(),
        b"old 9223372036854775808\n\n" + BASE.signed.format(),
        b"Old 5\n\n" + BASE.signed.format(),
        b"old 5\r\n\r\n" + BASE.signed.format(),
        b"\nold 5\n\n" + BASE.signed.format(),
        b"old 5\nabc=\ndef=\n\n" + BASE.signed.format(),
        f"old 5\n{HASH[:-1]}\n\n".encode() + BASE.signed.format(),
        f"old 5\n{HASH} \n\n".encode() + BASE.signed.format(),
        f"old 5\n{HASH[:-2]}x=\n\n".encode() + BASE.signed.format(),
        b"old 5\n" + HASH.encode() + b"\n" + BASE.signed.format(),
        b"old 5\n" + f"{HASH}\n".encode() * 64 + b"\n" + BASE.signed.format(),
        BASE.format()[:-1],
        BASE.format() + b"\n",
        BASE.format() + b"x",
        b"old 5\n\nlog.example/nguon\nnot a checkpoint\n",
        b"old 5\n\nlog.example/nguon\nx\nx\n\n" + BASE.signed.signatures[0].line.encode() + b"\n",
        b"old 5\n\n\xff\n" + BASE.signed.format(),
    ],
)
def test_400_for_bodies_of_another_form(bench: Bench, body: bytes) -> None:
    assert bench.witness.add_checkpoint(body).status == 400
    with pytest.raises(FormatError):
        parse_request(body)


def test_a_proof_may_have_63_hashes(bench: Bench) -> None:
    assert bench.send(0, 5).status == 200
    assert bench.send(5, 8, proof=(seed("x"),) * 63).status == 422


@pytest.mark.parametrize("size", [1, 5, 8])
def test_requests_are_read_as_they_are_written(size: int) -> None:
    for old in range(size + 1):
        body = request(old, size).format()
        assert parse_request(body).format() == body


def test_422_for_a_false_empty_root(bench: Bench) -> None:
    signed = note.parse(LOG.sign(Checkpoint(ORIGIN, 0, seed("no tree")), NOW))
    assert bench.witness.add_checkpoint(AddCheckpoint(0, (), signed).format()).status == 422


def test_422_for_a_proof_from_nothing(bench: Bench) -> None:
    assert bench.send(0, 5, proof=(seed("x"),)).status == 422
    assert bench.send(0, 5).status == 200


def test_422_for_proofs_that_do_not_hold(bench: Bench) -> None:
    assert bench.send(0, 5).status == 200
    good = path(5, 8)
    wrong = [(), good[1:], good[:-1], (*good, good[0]), good[::-1], (seed("x"), *good[1:])]
    for proof in wrong:
        assert bench.send(5, 8, proof=proof).status == 422
    assert bench.send(5, 8).status == 200


def test_a_fork_of_the_same_size_is_refused_and_proven(bench: Bench) -> None:
    assert bench.send(0, 8).status == 200
    assert bench.send(8, 8, FORKED).status == 422
    (found,) = bench.evidence()
    shown = evidence.judge(found, [LOG.verifier])
    assert shown.proven
    assert "two trees of 8" in shown.text
    assert bench.send(8, 8, FORKED).status == 422
    assert len(bench.files()) == 1
    assert bench.send(8, 9).status == 200


def test_a_fork_of_the_same_size_is_kept_whatever_old_size_it_names(bench: Bench) -> None:
    assert bench.send(0, 8).status == 200
    assert bench.send(0, 8, FORKED).status == 409
    assert evidence.judge(bench.evidence()[0]).proven


def test_a_larger_fork_is_refused_and_kept(bench: Bench) -> None:
    assert bench.send(0, 8).status == 200
    assert bench.send(8, 12, FORKED).status == 422
    (found,) = bench.evidence()
    shown = evidence.judge(found, LOG.verifiers)
    assert not shown.proven
    assert "no consistency from 8 to 12" in shown.text


@pytest.mark.parametrize(("old", "status"), [(8, 400), (5, 409), (0, 409)])
def test_a_step_back_is_refused_and_kept(bench: Bench, old: int, status: int) -> None:
    assert bench.send(0, 8).status == 200
    assert bench.send(old, 5).status == status
    (found,) = bench.evidence()
    assert "step back" in evidence.judge(found).text
    assert checkpoint.parse(note.parse(found.known).text).size == 8


def test_evidence_needs_the_signatures_of_the_log(bench: Bench) -> None:
    bench.send(0, 8)
    bench.send(8, 8, FORKED)
    (found,) = bench.evidence()
    assert evidence.parse(found.format()) == found
    with pytest.raises(SignatureError):
        evidence.judge(found, OTHER.verifiers)
    forged = replace(found, known=found.known.replace(b"\n8\n", b"\n9\n"))
    with pytest.raises(SignatureError):
        evidence.judge(forged)
    same = replace(found, offered=found.known)
    assert not evidence.judge(same).proven
    right = found.format()
    versions = [right.replace(b'"v": 1', b'"v": ' + v) for v in (b"2", b"true", b"1.0")]
    half = right.replace(b'"known": "', b'"known": "\\ud800')
    for wrong in (b"", b"[]", b"{}", b"[" * 200_000, half, *versions):
        with pytest.raises(FormatError):
            evidence.parse(wrong)


def test_each_log_has_a_memory_of_its_own(bench: Bench) -> None:
    assert bench.send(0, 8).status == 200
    signed = note.parse(OTHER.sign(head(3, origin=OTHER.name), NOW))
    assert bench.witness.add_checkpoint(AddCheckpoint(0, (), signed).format()).status == 200
    assert bench.send(8, 9).status == 200


def test_the_last_checkpoint_is_shown_with_all_its_signatures(bench: Bench) -> None:
    name = origin_hash(ORIGIN)
    assert bench.witness.checkpoint(name).status == 404
    answer = bench.send(0, 8)
    shown = bench.witness.checkpoint(name)
    assert shown.status == 200
    parsed = note.parse(shown.body)
    assert parsed.text == head(8).format()
    note.verify_known(parsed, LOG.verifiers)
    assert format_lines(parsed.signatures[2:]) == answer.body
    for other in ("", name.upper(), name[:-1], "x", origin_hash(UNKNOWN.name)):
        assert bench.witness.checkpoint(other).status == 404


def test_repeated_signature_lines_do_not_spoil_the_memory(bench: Bench) -> None:
    """Anybody can repeat a line of a public checkpoint; what is shown must stay a note."""
    signed = request(0, 8).signed
    many = Note(signed.text, signed.signatures[:1] * note.MAX_SIGNATURES)
    assert bench.witness.add_checkpoint(AddCheckpoint(0, (), many).format()).status == 200
    shown = note.parse(bench.witness.checkpoint(origin_hash(ORIGIN)).body)
    assert [line.name for line in shown.signatures] == [ORIGIN, "w.example/1", "w.example/1"]
    assert bench.send(8, 8, FORKED).status == 422
    assert len(bench.evidence()) == 1


def test_a_log_with_new_keys_gets_its_answers_too(bench: Bench) -> None:
    """The note in memory is not signed by the keys that the policy has now."""
    assert bench.send(0, 8).status == 200
    renewed = generate_log_signer(ORIGIN)
    policy = Policy(tuple(Log(key) for key in renewed.verifiers))
    witness = Witness(policy, KEYS, bench.state, now=lambda: NOW, folder=bench.folder / "evidence")
    for old, size, leaves, status in (
        (0, 5, LEAVES, 409),
        (8, 8, FORKED, 422),
        (8, 9, LEAVES, 200),
    ):
        signed = note.parse(renewed.sign(head(size, leaves), NOW))
        sent = AddCheckpoint(old, path(old, size, leaves), signed).format()
        assert witness.add_checkpoint(sent).status == status
    assert len(bench.files()) == 2


def test_no_evidence_is_made_of_a_proof_from_nothing(bench: Bench) -> None:
    """RFC 6962: every tree continues the empty one; anybody may put a proof beside it."""
    assert bench.send(0, 0).status == 200
    assert bench.send(0, 5, proof=(bytes(32),)).status == 422
    assert bench.files() == []
    known, offered = (LOG.sign(head(size), NOW) for size in (0, 5))
    found = evidence.Evidence(known, offered, (bytes(32),), ())
    shown = evidence.judge(found, LOG.verifiers)
    assert not shown.proven
    assert shown.text.startswith("nothing")
    false = LOG.sign(Checkpoint(ORIGIN, 0, bytes(32)), NOW)
    assert evidence.judge(replace(found, known=false), LOG.verifiers).proven


def test_a_folder_full_of_old_checkpoints_has_room_for_a_fork(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Old checkpoints of the log are public: anybody can offer them all."""
    monkeypatch.setattr(evidence, "_MAX_FILES", 3)
    assert bench.send(0, 20).status == 200
    for size in range(1, 10):
        assert bench.send(0, size).status == 409
    assert len(bench.files()) == 3
    assert bench.send(20, 20, FORKED).status == 422
    assert [evidence.judge(found).proven for found in bench.evidence()].count(True) == 1
    monkeypatch.setattr(evidence, "_MAX_PROVEN", 4)
    assert bench.send(20, 20, LEAVES[20:]).status == 422
    assert len(bench.files()) == 4


def test_evidence_that_cannot_be_written_changes_no_answer(bench: Bench) -> None:
    (bench.folder / "evidence").write_text("a file where the folder should be")
    assert bench.send(0, 8).status == 200
    assert bench.send(8, 8, FORKED).status == 422
    assert bench.send(5, 5).body == b"8\n"


def test_without_a_time_nothing_is_cosigned(bench: Bench) -> None:
    """add-checkpoint: the timestamp MUST NOT be zero."""
    for early in (datetime(1970, 1, 1, tzinfo=UTC), datetime(1969, 1, 1, tzinfo=UTC)):
        bench.clock = early
        assert bench.send(0, 8).status == 503
    assert bench.state.last(ORIGIN) == Seen()
    bench.clock = datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)
    assert bench.send(0, 8).status == 200


def test_a_log_whose_name_cannot_be_signed_is_refused_at_the_start(bench: Bench) -> None:
    """tlog-cosignature: log_origin has at most 255 bytes for ML-DSA-44; Ed25519 has no bound."""
    far = generate_log_signer("o" * 255).verifier, Signer.generate("o" * 256).verifier
    for key, kept in ((far[0], KEYS), (far[1], KEYS[:1])):
        Witness(Policy((Log(key),)), kept, bench.state, now=lambda: NOW)
    with pytest.raises(FormatError, match="255"):
        Witness(Policy((Log(far[1]),)), KEYS, bench.state, now=lambda: NOW)


def test_memory_survives_the_process(bench: Bench, tmp_path: Path) -> None:
    assert bench.send(0, 8).status == 200
    bench.state.close()
    again = State(tmp_path / "state.db", VKEYS)
    witness = Witness(POLICY, KEYS, again, now=lambda: NOW)
    assert witness.add_checkpoint(request(0, 12).format()).status == 409
    assert witness.add_checkpoint(request(8, 8, FORKED).format()).status == 422
    assert witness.add_checkpoint(request(8, 12).format()).status == 200
    again.close()


def test_memory_belongs_to_its_keys(bench: Bench, tmp_path: Path) -> None:
    stranger = Ed25519Signer.generate("w.example/2").verifier.format()
    with pytest.raises(StateError, match="other keys"):
        State(tmp_path / "state.db", (stranger,))
    State(tmp_path / "state.db", (VKEYS[0], stranger)).close()


def test_a_clock_that_runs_back_does_not_stop_the_witness(bench: Bench) -> None:
    assert bench.send(0, 5).status == 200
    for years in (-10, 10, -50):
        bench.clock = NOW + timedelta(days=365 * years)
        size = bench.state.last(ORIGIN).size
        answer = bench.send(size, size + 1)
        assert answer.status == 200
    assert bench.clock > datetime(1970, 1, 1, tzinfo=UTC)


def test_of_requests_at_once_no_two_go_back_or_apart(bench: Bench, tmp_path: Path) -> None:
    """Two witnesses on one memory, as if two processes served it, and eight clients."""
    second = State(tmp_path / "state.db", VKEYS)
    witnesses = [
        bench.witness,
        Witness(POLICY, KEYS, second, now=lambda: NOW, folder=tmp_path / "evidence"),
    ]
    start = threading.Barrier(8)

    def client(number: int) -> list[int]:
        start.wait()
        leaves = FORKED if number % 2 else LEAVES
        cosigned = []
        for step in range(20):
            seen = bench.state.last(ORIGIN)
            size = min(40, seen.size + 1 + (step + number) % 3)
            body = request(seen.size, size, leaves).format()
            if witnesses[step % 2].add_checkpoint(body).status == 200:
                cosigned.append(size)
        return cosigned

    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(client, range(8)))
    ending = bench.state.last(ORIGIN)
    honest, forked = ({head(n, leaves).root for n in range(41)} for leaves in (LEAVES, FORKED))
    assert sum(len(sizes) for sizes in done) >= 10
    # From size 5 on the two histories differ: only one of them was ever cosigned.
    winners = {n % 2 for n, sizes in enumerate(done) if any(size >= 5 for size in sizes)}
    assert len(winners) == 1
    assert ending.root in (forked if winners == {1} else honest)
    second.close()


def test_only_who_knows_the_last_state_replaces_it(bench: Bench) -> None:
    bench.state.advance("o", Seen(), Seen(3, seed("3"), b"n"))
    for stale in (Seen(), Seen(2, seed("2"), b"n"), Seen(3, seed("other"), b"n")):
        with pytest.raises(Exception, match="moved on"):
            bench.state.advance("o", stale, Seen(4, seed("4"), b"n"))
    bench.state.advance("o", Seen(3, seed("3"), b"n"), Seen(4, seed("4"), b"m"))
    assert bench.state.last("o") == Seen(4, seed("4"), b"m")


def test_every_flipped_bit_of_a_request_is_refused(bench: Bench) -> None:
    assert bench.send(0, 5).status == 200
    signed = note.parse(LOG.sign(head(8), NOW))
    body = AddCheckpoint(5, path(5, 8), Note(signed.text, signed.signatures[:1])).format()
    seen = set()
    for bit in range(len(body) * 8):
        flipped = bytearray(body)
        flipped[bit // 8] ^= 1 << bit % 8
        seen.add(bench.witness.add_checkpoint(bytes(flipped)).status)
    assert seen == {400, 403, 404, 409, 422}
    assert bench.witness.add_checkpoint(body).status == 200
