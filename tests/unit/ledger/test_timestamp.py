"""RFC 3161 timestamps: a real authority (openssl ts), and the fixtures of rfc3161-client."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography.x509 import Certificate, load_pem_x509_certificates

from ledger import checkpoint, timestamp
from ledger.checkpoint import Checkpoint
from ledger.cli import main
from ledger.errors import FormatError, RemoteError, SignatureError
from ledger.note import Signer
from tests.outside import path as outside

pytest.importorskip("rfc3161_client")

CONFIG = """[tsa]
default_tsa = one
[one]
serial = serial
crypto_device = builtin
signer_cert = tsa.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_chain = no
ess_cert_id_alg = sha256
[ca]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
subjectKeyIdentifier = hash
[leaf]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[req]
distinguished_name = name
[name]
"""


class Authority:
    """A timestamp authority of its own, in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "config").write_text(CONFIG)
        (folder / "serial").write_text("01\n")
        key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
        self.run("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "3650",
                 "-subj", "/CN=Root", "-config", "config", "-extensions", "ca")  # fmt: skip
        self.run("req", *key, "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", "/CN=Authority",
                 "-config", "config")  # fmt: skip
        self.run("x509", "-req", "-in", "tsa.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
                 "-CAcreateserial", "-out", "tsa.pem", "-days", "3650", "-extfile", "config",
                 "-extensions", "leaf")  # fmt: skip

    def run(self, *arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True)

    @property
    def roots(self) -> list[Certificate]:
        return load_pem_x509_certificates((self.folder / "ca.pem").read_bytes())

    def answer(self, query: bytes) -> bytes:
        (self.folder / "query").write_bytes(query)
        self.run("ts", "-reply", "-config", "config", "-section", "one", "-queryfile", "query",
                 "-out", "response")  # fmt: skip
        return (self.folder / "response").read_bytes()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    return Authority(tmp_path_factory.mktemp("tsa"))


def note(size: int = 5) -> bytes:
    signer = Signer.generate("log.example/t")
    return checkpoint.sign(Checkpoint("log.example/t", size, bytes(32)), signer)


def test_a_checkpoint_is_stamped_and_verified(authority: Authority) -> None:
    data = note()
    query = timestamp.request(data)
    response = authority.answer(query.as_bytes())
    at = timestamp.verify(response, data, authority.roots, nonce=query.nonce)
    assert abs(at - datetime.now(UTC)) < timedelta(minutes=5)
    with pytest.raises(SignatureError):
        timestamp.verify(response, note(), authority.roots)
    with pytest.raises(SignatureError):
        timestamp.verify(response, data, authority.roots, nonce=(query.nonce or 0) + 1)


def test_openssl_reads_our_query_and_agrees(authority: Authority, tmp_path: Path) -> None:
    data = note()
    (tmp_path / "note").write_bytes(data)
    query = timestamp.request(data)
    (tmp_path / "query").write_bytes(query.as_bytes())
    (tmp_path / "response").write_bytes(authority.answer(query.as_bytes()))
    ca = str(authority.folder / "ca.pem")
    for source in (("-data", "note"), ("-queryfile", "query")):
        command = ["openssl", "ts", "-verify", *source, "-in", "response", "-CAfile", ca]
        done = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True)
        assert done.returncode == 0, done.stderr


def test_another_root_is_not_enough(authority: Authority, tmp_path: Path) -> None:
    data = note()
    response = authority.answer(timestamp.request(data).as_bytes())
    with pytest.raises(SignatureError):
        timestamp.verify(response, data, Authority(tmp_path).roots)


def test_a_changed_response_is_refused(authority: Authority) -> None:
    data = note()
    response = authority.answer(timestamp.request(data).as_bytes())
    at = timestamp.verify(response, data, authority.roots)
    refused = 0
    for position in range(0, len(response), 11):
        changed = bytearray(response)
        changed[position] ^= 4
        try:
            same = timestamp.verify(bytes(changed), data, authority.roots)
        except (FormatError, SignatureError):
            refused += 1
        else:
            # What is not signed may change: never the time.
            assert same == at
    assert refused > len(response) / 11 * 0.8


@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
def test_a_damaged_certificate_inside_is_an_error_of_ours() -> None:
    """Version and extensions of the certificate that the fixture carries, bit by bit."""
    file = outside(RFC3161) / "sigstage/response-sha256.tsr"
    *others, root = load_pem_x509_certificates(file.with_name("ts_chain.pem").read_bytes())
    response = file.read_bytes()
    at = timestamp.verify(response, b"hello", [root], intermediates=others)
    refused = 0
    for bit in range(8):
        for position in (274, *range(570, 624)):
            changed = bytearray(response)
            changed[position] ^= 1 << bit
            try:
                same = timestamp.verify(bytes(changed), b"hello", [root], intermediates=others)
            except (FormatError, SignatureError):
                refused += 1
            else:
                # The certificates are not signed, and the same ones were given by hand.
                assert same == at
    assert refused > 100


@pytest.mark.parametrize("data", [b"", b"0", b"\x30\x03\x02\x01\x00", b"\xff" * 100])
def test_what_is_no_response_is_refused(authority: Authority, data: bytes) -> None:
    with pytest.raises((FormatError, SignatureError)):
        timestamp.verify(data, note(), authority.roots)


def test_only_checkpoints_are_stamped() -> None:
    with pytest.raises(FormatError):
        timestamp.request(b"anything")


RFC3161 = "ledger/rfc3161/test/fixtures"
PUBLIC = [
    ("sigstage/response-sha256.tsr", b"hello", True),
    ("sigstage/response-sha384.tsr", b"hello", True),
    ("sigstage/response-sha512.tsr", b"hello", True),
    ("sigstage/response-sha256.tsr", b"hello!", False),
    ("sigstage/response-invalid-signature.tsr", b"hello", False),
    ("sigstage/response-no-embedded-cert.tsr", b"hello", False),
    ("test_tsa/response.tsr", b"hello", True),
    # As openssl ts judges: what lies unsigned beside the signer's certificate changes nothing.
    ("test_tsa/response-injected-certs.tsr", b"hello", True),
    ("test_tsa/other_response.tsr", b"hello", False),
]


@pytest.mark.parametrize("name, message, good", PUBLIC)
def test_public_fixtures(name: str, message: bytes, good: bool) -> None:
    folder = outside(RFC3161)
    chain = load_pem_x509_certificates((folder / name).with_name("ts_chain.pem").read_bytes())
    *others, root = chain
    response = (folder / name).read_bytes()
    try:
        at = timestamp.verify(response, message, [root], intermediates=others)
    except SignatureError:
        assert not good
    else:
        assert good
        assert at.tzinfo is UTC
        assert datetime(2024, 1, 1, tzinfo=UTC) < at < datetime(2026, 12, 31, tzinfo=UTC)


@pytest.fixture
def server(authority: Authority) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            good = self.headers["Content-Type"] == "application/timestamp-query"
            self.send_response(200 if good and self.path == "/tsa?a=1" else 302)
            self.send_header("Location", "/tsa?a=1")
            self.end_headers()
            self.wfile.write(authority.answer(body) if good else b"")

        def log_message(self, *_: object) -> None:
            pass

    started = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=started.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{started.server_address[1]}"
    started.shutdown()
    thread.join()
    started.server_close()


@pytest.mark.enable_socket
def test_the_commands_ask_and_verify(
    authority: Authority, server: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, out = tmp_path / "checkpoint", tmp_path / "stamp.tsr"
    file.write_bytes(note())
    root = str(authority.folder / "ca.pem")
    fetch = ["timestamp", "fetch", str(file), "--root", root, "--tsa"]
    assert main([*fetch, f"{server}/tsa?a=1", "--out", str(out)]) == 0
    assert "saw this checkpoint at 20" in capsys.readouterr().out
    assert main(["timestamp", "verify", str(file), str(out), "--root", root]) == 0
    assert main(["timestamp", "request", str(file), "--out", str(tmp_path / "q")]) == 0
    assert main([*fetch, f"{server}/other", "--out", str(tmp_path / "none")]) == 3
    assert not (tmp_path / "none").exists()
    file.write_bytes(note())
    assert main(["timestamp", "verify", str(file), str(out), "--root", root]) == 1
    with pytest.raises(FormatError):
        timestamp.fetch("ftp://tsa.example", b"")
    with pytest.raises(RemoteError):
        timestamp.fetch("http://127.0.0.1:1", b"")
