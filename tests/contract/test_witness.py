"""A log and its witnesses over HTTP: honest growth, outages, copies, forks, lies."""

from __future__ import annotations

import http.client
import shutil
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from ledger import log, merkle, note, schema
from ledger.checkpoint import Checkpoint, LogSigner
from ledger.cosignature import Ed25519Signer
from ledger.errors import ConflictError, ForkError, FormatError, LedgerError, QuorumError
from ledger.policy import Log, Policy
from ledger.policy import Witness as Listed
from ledger.witness import evidence, server
from ledger.witness.client import Tree, Witnesses
from ledger.witness.protocol import MAX_REQUEST, AddCheckpoint, origin_hash
from ledger.witness.state import State
from tests.ledger_fixtures import sqlite_lab
from tests.ledger_lab import NOW, ORIGIN, Lab, seed
from tests.witness_lab import Running, policy_of, running

__all__ = ["sqlite_lab"]

pytestmark = pytest.mark.enable_socket


def follows(lab: Lab) -> Policy:
    return Policy((Log(lab.signer.verifier),))


@pytest.fixture
def witness(sqlite_lab: Lab, tmp_path: Path) -> Iterator[Running]:
    with running("w", tmp_path, follows(sqlite_lab)) as one:
        yield one


OPEN: list[Witnesses] = []


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    """Every client of a test closes its connections at the end."""
    yield
    for witnesses in OPEN:
        witnesses.close()
    OPEN.clear()


def kept_open(witnesses: Witnesses) -> Witnesses:
    OPEN.append(witnesses)
    return witnesses


def asked(*witnesses: Running, needed: int | None = None, folder: Path | None = None) -> Witnesses:
    """The witnesses of a log; of the keys of each all must cosign."""
    policy = policy_of(*witnesses, needed=needed)
    return kept_open(Witnesses(policy, seconds=5, folder=folder))


def integrate(lab: Lab, witnesses: Witnesses | None) -> Checkpoint:
    return log.integrate(
        lab.engine,
        origin=lab.origin,
        signer=lab.signer,
        now=lab.now(),
        tiles=lab.tiles,
        witnesses=witnesses,
    )


def recover(lab: Lab, witnesses: Witnesses | None) -> int:
    return log.recover(
        lab.engine,
        origin=lab.origin,
        verifier=lab.signer.verifier,
        tiles=lab.tiles,
        witnesses=witnesses,
        now=lab.now(),
    )


def published(lab: Lab) -> note.Note:
    return note.parse(lab.tiles.read("checkpoint"))


def size_of(lab: Lab) -> int:
    return int(published(lab).text.split("\n")[1])


def test_what_is_published_bears_the_quorum(sqlite_lab: Lab, witness: Running) -> None:
    lab, witnesses = sqlite_lab, asked(witness)
    lab.add_key("s")
    for count in (1, 6, 250, 300):
        lab.grow("s", count)
        head = integrate(lab, witnesses)
        assert size_of(lab) == head.size
        witnesses.policy.check(published(lab), lab.signer.verifier)
        with lab.engine.connect() as connection:
            stored = log.published_checkpoint(connection, lab.origin)
            proof = log.prove_entry(connection, lab.tiles, origin=lab.origin, index=1)
        assert stored is not None
        assert stored.published == lab.tiles.read("checkpoint") == proof.checkpoint
    assert integrate(lab, witnesses) == head
    assert recover(lab, asked(witness)) == head.size
    assert not lab.audit().findings


def test_without_its_witness_the_previous_checkpoint_stays(
    sqlite_lab: Lab, witness: Running
) -> None:
    lab, witnesses = sqlite_lab, asked(witness)
    lab.add_key("s")
    integrate(lab, witnesses)
    before = lab.tiles.read("checkpoint")
    witness.stop()
    for _ in range(3):
        lab.append("s", b"accepted all the while")
        with pytest.raises(QuorumError):
            integrate(lab, witnesses)
        assert lab.tiles.read("checkpoint") == before
        assert recover(lab, asked(witness)) > 1
        assert lab.tiles.read("checkpoint") == before
    with lab.engine.connect() as connection:
        proof = log.prove_entry(connection, lab.tiles, origin=lab.origin, index=0)
        with pytest.raises(LedgerError, match="no checkpoint covers"):
            log.prove_entry(connection, lab.tiles, origin=lab.origin, index=1)
    assert proof.checkpoint == before
    witness.start()
    head = integrate(lab, asked(witness))
    assert (head.size, size_of(lab)) == (4, 4)
    assert not lab.audit().findings


def test_a_witness_that_comes_back_is_asked_again(sqlite_lab: Lab, witness: Running) -> None:
    lab, witnesses = sqlite_lab, asked(witness)
    lab.add_key("s")
    witness.stop()
    with pytest.raises(QuorumError):
        integrate(lab, witnesses)
    witness.start()
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            integrate(lab, witnesses)
            break
        except QuorumError:
            time.sleep(0.05)
    assert size_of(lab) == 1


def test_two_of_three_are_enough(sqlite_lab: Lab, tmp_path: Path) -> None:
    lab = sqlite_lab
    with (
        running("a", tmp_path, follows(lab)) as a,
        running("b", tmp_path, follows(lab)) as b,
        running("c", tmp_path, follows(lab)) as c,
    ):
        witnesses = asked(a, b, c, needed=2)
        lab.add_key("s")
        integrate(lab, witnesses)
        b.stop()
        lab.append("s", b"x")
        integrate(lab, witnesses)
        assert size_of(lab) == 2
        names = {line.name for line in published(lab).signatures}
        assert {"a", "c"} <= names
        assert "b" not in names
        c.stop()
        lab.append("s", b"y")
        with pytest.raises(QuorumError):
            integrate(lab, witnesses)
        assert size_of(lab) == 2


def test_an_older_witness_gets_a_proof_from_where_it_is(sqlite_lab: Lab, witness: Running) -> None:
    lab = sqlite_lab
    lab.add_key("s")
    integrate(lab, asked(witness))
    lab.grow("s", 300)
    integrate(lab, None)
    lab.append("s", b"x")
    integrate(lab, asked(witness))
    assert size_of(lab) == 302
    assert witness.state.last(ORIGIN).size == 302


def test_checkpoints_from_before_there_were_witnesses(sqlite_lab: Lab, witness: Running) -> None:
    lab = sqlite_lab
    lab.add_key("s")
    integrate(lab, None)
    with lab.engine.begin() as connection:  # as the migration leaves it
        connection.execute(schema.ledger_checkpoint.update().values(cosigned=None))
    witnesses = asked(witness)
    recover(lab, witnesses)
    integrate(lab, witnesses)
    witnesses.policy.check(published(lab), lab.signer.verifier)
    integrate(lab, None)
    assert size_of(lab) == 1


def test_a_new_witness_in_the_policy_is_asked_for_the_last_checkpoint(
    sqlite_lab: Lab, witness: Running, tmp_path: Path
) -> None:
    lab = sqlite_lab
    lab.add_key("s")
    integrate(lab, asked(witness))
    with running("second", tmp_path, follows(lab)) as second:
        integrate(lab, asked(witness, second))
        asked(witness, second).policy.check(published(lab), lab.signer.verifier)


def copy_of(lab: Lab, folder: Path) -> Lab:
    """A second copy of the data, made while nobody writes."""
    folder.mkdir()
    source = sqlite3.connect(lab.url.removeprefix("sqlite:///"))
    target = sqlite3.connect(folder / "log.db")
    source.backup(target)
    source.close()
    target.close()
    shutil.copytree(lab.tiles.folder, folder / "tiles")
    return Lab(f"sqlite:///{folder / 'log.db'}", folder / "tiles")


@pytest.fixture
def copied(sqlite_lab: Lab, witness: Running, tmp_path: Path) -> Iterator[Lab]:
    """A copy of a log of two entries, taken before the log went on to four."""
    lab = sqlite_lab
    lab.add_key("s")
    lab.append("s", b"one")
    integrate(lab, asked(witness))
    copy = copy_of(lab, tmp_path / "copy")
    lab.append("s", b"two")
    lab.append("s", b"three")
    integrate(lab, asked(witness))
    yield copy
    copy.engine.dispose()


def checkpoints(lab: Lab) -> int:
    with lab.engine.connect() as connection:
        return len(connection.execute(schema.ledger_checkpoint.select()).all())


def test_a_copy_signs_nothing(copied: Lab, witness: Running, tmp_path: Path) -> None:
    """It is told at its start, and before it signs: not after."""
    signed, before = checkpoints(copied), copied.tiles.read("checkpoint")
    witnesses = asked(witness, folder=tmp_path / "ours")
    with pytest.raises(ForkError, match="copy or was rolled back"):
        recover(copied, asked(witness))
    for _ in range(3):
        copied.append("s", b"another history")
        with pytest.raises(ForkError, match="4 entries"):
            integrate(copied, witnesses)
    assert checkpoints(copied) == signed
    assert copied.tiles.read("checkpoint") == before
    assert witness.state.last(ORIGIN).size == 4
    (file,) = (tmp_path / "ours").iterdir()
    found = evidence.parse(file.read_bytes())
    assert "step back" in evidence.judge(found, [copied.signer.verifier]).text


def test_a_copy_that_has_grown_as_far_is_found_out(copied: Lab, witness: Running) -> None:
    copied.append("s", b"another history")
    copied.append("s", b"of the same length")
    integrate(copied, None)
    with pytest.raises(ForkError, match="copy or was rolled back"):
        integrate(copied, asked(witness))


def test_a_new_database_under_the_old_key_signs_nothing(
    sqlite_lab: Lab, copied: Lab, witness: Running, tmp_path: Path
) -> None:
    empty = Lab(f"sqlite:///{tmp_path / 'empty.db'}", tmp_path / "empty").create()
    with pytest.raises(ForkError):
        recover(empty, asked(witness))
    empty.add_key("s")
    with pytest.raises(ForkError, match="4 entries"):
        integrate(empty, asked(witness))
    assert checkpoints(empty) == 0
    empty.engine.dispose()


def test_a_witness_refuses_the_copy_that_asks_it_anyway(
    copied: Lab, witness: Running, tmp_path: Path
) -> None:
    """As if the copy's owner had taken the checks out: the fork never gets a cosignature."""
    copied.append("s", b"another history")
    copied.append("s", b"of the same length")
    head = integrate(copied, None)
    get = copied.tiles.subtree(head.size)
    signed = note.parse(copied.tiles.read("checkpoint"))
    for old in range(1, 5):
        proof = tuple(merkle.prove_consistency(get, old, 4)) if old < 4 else ()
        body = AddCheckpoint(old, proof, signed).format()
        status, _, _ = witness.ask("POST", "/add-checkpoint", body)
        assert status in (409, 422)
    kept = [evidence.parse(f.read_bytes()) for f in (tmp_path / "w-evidence").iterdir()]
    assert any(evidence.judge(found, [copied.signer.verifier]).proven for found in kept)


def test_another_process_on_the_same_database_is_no_fork(
    sqlite_lab: Lab, witness: Running, tmp_path: Path
) -> None:
    """Two services with folders of their own: who comes late gives way, and goes on."""
    lab = sqlite_lab
    lab.add_key("s")
    witnesses = asked(witness)
    integrate(lab, witnesses)
    other = Lab(lab.url, tmp_path / "other tiles")
    slow = asked(witness)
    original = slow.greet

    def overtaken(*arguments: Any) -> None:
        lab.append("s", b"meanwhile")
        integrate(lab, witnesses)
        original(*arguments)

    slow.greet = overtaken  # type: ignore[method-assign]
    with pytest.raises(ConflictError):
        integrate(other, slow)
    slow.greet = original  # type: ignore[method-assign]
    lab.append("s", b"more")
    assert integrate(other, slow).size == 3
    other.engine.dispose()


Reply = Callable[[str, bytes], tuple[int, str, bytes]]


@contextmanager
def liar(reply: Reply) -> Iterator[str]:
    """A witness that answers as it likes."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self._send(*reply("POST", body))

        def do_GET(self) -> None:
            self._send(*reply("GET", b""))

        def _send(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=listening.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.server_address[1]}"
    finally:
        listening.shutdown()
        thread.join()
        listening.server_close()


KEY = Ed25519Signer.generate("liar.example")
STRANGER = Ed25519Signer.generate("liar.example")


def cosigned(body: bytes, key: Ed25519Signer = KEY, size: int | None = None) -> bytes:
    text = note.parse(body.partition(b"\n\n")[2]).text
    if size is not None:
        text = Checkpoint(ORIGIN, size, seed("x")).format()
    return key.cosign(text, NOW).line.encode() + b"\n"


ZERO = NOW.replace(year=1969)
LIES: dict[str, Callable[[bytes], tuple[int, str, bytes]]] = {
    "nothing": lambda b: (200, "text/plain", b""),
    "no line": lambda b: (200, "text/plain", b"yes\n"),
    "no newline": lambda b: (200, "text/plain", cosigned(b)[:-1]),
    "an empty line": lambda b: (200, "text/plain", cosigned(b) + b"\n"),
    "another key": lambda b: (200, "text/plain", cosigned(b, STRANGER)),
    "another checkpoint": lambda b: (200, "text/plain", cosigned(b, size=7)),
    "no time": lambda b: (
        200,
        "text/plain",
        KEY.cosign(note.parse(b.partition(b"\n\n")[2]).text, ZERO).line.encode() + b"\n",
    ),
    "too much": lambda b: (200, "text/plain", cosigned(b) * 5000),
    "an error": lambda b: (500, "text/plain", b"oops\n"),
    "a redirect": lambda b: (302, "text/plain", b""),
    "403": lambda b: (403, "text/plain", b""),
    "422": lambda b: (422, "text/plain", b""),
    "409 without its type": lambda b: (409, "text/plain", b"1\n"),
    "409 without a size": lambda b: (409, "text/x.tlog.size", b"many\n"),
    "409 with another spelling": lambda b: (409, "text/x.tlog.size", b"01\n"),
    "409 for ever": lambda b: (409, "text/x.tlog.size", b"1\n"),
}


def trusting(url: str, folder: Path | None = None, seconds: float = 3) -> Witnesses:
    policy = Policy((), (Listed("liar", KEY.verifier, url),), (), "liar")
    return kept_open(Witnesses(policy, seconds=seconds, folder=folder))


def honest(method: str, body: bytes) -> tuple[int, str, bytes]:
    return (404, "", b"") if method == "GET" else (200, "text/plain", cosigned(body))


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_no_answer_but_a_right_cosignature_counts(
    sqlite_lab: Lab, lie: Callable[[bytes], tuple[int, str, bytes]]
) -> None:
    lab = sqlite_lab
    lab.add_key("s")

    def reply(method: str, body: bytes) -> tuple[int, str, bytes]:
        return lie(body) if method == "POST" else (404, "text/plain", b"")

    with liar(reply) as url:
        witnesses = trusting(url)
        with pytest.raises(QuorumError):
            integrate(lab, witnesses)
        assert witnesses.fork is None
    assert not (lab.tiles.folder / "checkpoint").exists()
    with liar(
        lambda m, b: (200, "text/plain", cosigned(b)) if m == "POST" else (404, "", b"")
    ) as u:
        integrate(lab, trusting(u))
    assert size_of(lab) == 1


def test_one_that_reports_more_than_was_signed_stops_the_log(sqlite_lab: Lab) -> None:
    lab = sqlite_lab
    lab.add_key("s")
    integrate(lab, None)
    signed = checkpoints(lab)

    def reply(method: str, body: bytes) -> tuple[int, str, bytes]:
        return (404, "", b"") if method == "GET" else (409, "text/x.tlog.size", b"2\n")

    with liar(reply) as url:
        witnesses = trusting(url)
        for _ in range(2):
            lab.append("s", b"x")
            with pytest.raises(ForkError, match="knows 2 entries"):
                integrate(lab, witnesses)
        with pytest.raises(ForkError):
            recover(lab, trusting(url))
    assert checkpoints(lab) == signed


def test_another_root_under_our_own_signature_is_proof(sqlite_lab: Lab, tmp_path: Path) -> None:
    lab = sqlite_lab
    lab.add_key("s")
    integrate(lab, None)
    forged = LogSigner(lab.signer).sign(Checkpoint(ORIGIN, 1, seed("other root")), NOW)
    with (
        liar(lambda m, b: (200, "", forged) if m == "GET" else (422, "", b"")) as url,
        pytest.raises(ForkError),
    ):
        integrate(lab, trusting(url, tmp_path / "kept"))
    (file,) = (tmp_path / "kept").iterdir()
    assert evidence.judge(evidence.parse(file.read_bytes()), [lab.signer.verifier]).proven


def test_a_memory_that_this_log_did_not_sign_says_nothing(sqlite_lab: Lab) -> None:
    lab = sqlite_lab
    lab.add_key("s")
    stranger = LogSigner(note.Signer.generate(ORIGIN)).sign(Checkpoint(ORIGIN, 9, seed("r")), NOW)
    with liar(lambda m, b: (200, "", stranger if m == "GET" else cosigned(b))) as url:
        integrate(lab, trusting(url))
    assert size_of(lab) == 1


def test_a_silent_witness_costs_no_more_than_its_time(sqlite_lab: Lab) -> None:
    lab = sqlite_lab
    lab.add_key("s")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        witnesses = trusting(url, seconds=0.3)
        with pytest.raises(QuorumError):
            integrate(lab, witnesses)
        threads = threading.active_count()
        for _ in range(5):
            with pytest.raises(QuorumError):
                integrate(lab, witnesses)
        assert threading.active_count() <= threads + 1


@pytest.mark.parametrize("url", ["ftp://w.example", "w.example", "http://", "http://w/?q", "x"])
def test_addresses_that_are_none(url: str) -> None:
    with pytest.raises(FormatError):
        trusting(url)


def test_a_quorum_that_nobody_can_be_asked_for_is_refused_at_once() -> None:
    with pytest.raises(FormatError, match="address"):
        Witnesses(Policy((), (Listed("a", KEY.verifier),), (), "a"))


def test_damaged_tiles_are_not_proven_from(sqlite_lab: Lab) -> None:
    lab = sqlite_lab
    lab.add_key("s")
    head = integrate(lab, None)
    tree = Tree(Checkpoint(ORIGIN, 2, seed("other")), lambda start, end: head.root)
    with pytest.raises(LedgerError):
        tree.proof(1)


# --- the server's own limits ---------------------------------------------------------------


def raw(port: int, data: bytes, wait: float = 5) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=wait) as connection:
        connection.sendall(data)
        answer = b""
        while part := connection.recv(65536):
            answer += part
        return answer


POST = b"POST /add-checkpoint HTTP/1.1"


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (POST + b"\r\nHost: x\r\n\r\n", 411),
        (POST + b"\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411),
        (POST + b"\r\nContent-Length: x\r\n\r\n", 400),
        (POST + b"\r\nContent-Length: -1\r\n\r\n", 400),
        (POST + b"\r\nContent-Length: 1_0\r\n\r\n", 400),
        (POST + b"\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx", 411),
        (
            f"POST /add-checkpoint HTTP/1.1\r\nContent-Length: {MAX_REQUEST + 1}\r\n\r\n".encode(),
            413,
        ),
        (b"POST /other HTTP/1.1\r\nContent-Length: 0\r\n\r\n", 404),
        (b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", 404),
        (b"GET /x/checkpoint HTTP/1.1\r\nConnection: close\r\n\r\n", 404),
        (b"PUT /add-checkpoint HTTP/1.1\r\nConnection: close\r\n\r\n", 501),
        (b"nonsense\r\n\r\n", 400),
    ],
)
def test_requests_out_of_bounds(witness: Running, request_: bytes, status: int) -> None:
    assert f" {status} ".encode() in raw(witness.port, request_).split(b"\r\n")[0]


def test_one_connection_serves_many_requests(sqlite_lab: Lab, witness: Running) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", witness.port, timeout=10)
    for _ in range(3):
        connection.request("GET", f"/{origin_hash(ORIGIN)}/checkpoint")
        first = connection.sock
        assert connection.getresponse().read() == b"nothing was cosigned\n"
        connection.request("POST", "/add-checkpoint", b"old x")
        answer = connection.getresponse()
        answer.read()
        assert (answer.status, connection.sock) == (400, first)
    connection.close()


@pytest.mark.parametrize("header", [b"Content-Length: 22", b"Transfer-Encoding: chunked"])
def test_the_body_of_a_question_is_not_the_next_question(witness: Running, header: bytes) -> None:
    """Otherwise a proxy in front would give its answer to somebody else (RFC 9112, section 9.3)."""
    question = b"GET /%b/checkpoint HTTP/1.1\r\n" % origin_hash(ORIGIN).encode()
    answer = raw(witness.port, question + header + b"\r\n\r\nGET /body HTTP/1.1\r\n\r\n")
    assert answer.count(b"HTTP/1.1 404") == 1
    assert b"nothing was cosigned" in answer
    assert b"Connection: close" in answer


def test_slow_requests_end(witness: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes that drip in do not keep a place: the time counts from the first one."""
    monkeypatch.setattr(server, "REQUEST_SECONDS", 0.3)
    monkeypatch.setattr(server, "IDLE_SECONDS", 0.3)
    with socket.create_connection(("127.0.0.1", witness.port), timeout=10) as idle:
        assert idle.recv(1) == b""
    with socket.create_connection(("127.0.0.1", witness.port), timeout=10) as slow:
        begin = time.monotonic()
        try:
            for byte in b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: 9\r\n\r\nold" * 20:
                slow.sendall(bytes([byte]))
                time.sleep(0.02)
                if time.monotonic() - begin > 5:
                    break
        except OSError:
            return
        pytest.fail("the connection was kept")


def test_a_full_disk_is_said_and_nothing_is_cosigned(
    sqlite_lab: Lab, witness: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = sqlite_lab
    lab.add_key("s")

    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(State, "advance", full)
        with pytest.raises(QuorumError):
            integrate(lab, asked(witness))
    assert witness.state.last(ORIGIN).size == 0
    integrate(lab, asked(witness))
    assert size_of(lab) == 1


def test_stopping_waits_for_what_is_in_hand(sqlite_lab: Lab, witness: Running) -> None:
    lab = sqlite_lab
    lab.add_key("s")
    integrate(lab, None)
    body = AddCheckpoint(0, (), note.parse(lab.tiles.read("checkpoint"))).format()
    entered, original = threading.Event(), witness.server.witness.add_checkpoint

    def slow(data: bytes) -> Any:
        entered.set()
        time.sleep(0.3)
        return original(data)

    witness.server.witness.add_checkpoint = slow  # type: ignore[method-assign]
    answers: list[tuple[int, str, bytes]] = []
    client = threading.Thread(
        target=lambda: answers.append(witness.ask("POST", "/add-checkpoint", body))
    )
    client.start()
    entered.wait(5)
    witness.stop()
    client.join()
    assert answers[0][0] == 200
