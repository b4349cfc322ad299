"""Check a proof bundle without this project: ``python standalone_verify.py bundle.json VKEY``.

One file, standard library and ``cryptography`` only, written from the format's description and
not from the ledger's code. Prints what was proven and exits 0, or says what is wrong and exits 1.
"""

import base64
import hashlib
import json
import re
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

HASH = re.compile(r"[0-9a-f]{64}")
NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)
NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
STREAM = re.compile(r"[!#-\[\]-~]{1,200}")
KIND = re.compile(r"[a-z][a-z0-9.-]{0,31}")
COMMON = ["alg", "kid", "kind", "prev", "seq", "signedAt", "stream", "v"]
KEY_KINDS = {"key.add": ["key"], "key.revoke": ["revoke"]}


class Wrong(Exception):
    """The bundle does not prove what it claims."""


def need(condition: bool, reason: str) -> None:
    """Stop with this reason unless the condition holds."""
    if not condition:
        raise Wrong(reason)


def unbase64(text: object) -> bytes:
    """Decode Base 64 in its one canonical spelling."""
    need(isinstance(text, str), "text expected")
    try:
        data = base64.b64decode(str(text), validate=True)
    except ValueError as error:
        raise Wrong("not Base 64") from error
    need(base64.b64encode(data).decode() == text, "not canonical Base 64")
    return data


def path_of(value: Any) -> list[bytes]:
    """Audit path: a list of Base 64 hashes."""
    need(isinstance(value, list), "list expected")
    return [unhash(one) for one in value]


def unhash(text: object) -> bytes:
    """A SHA-256 hash in Base 64."""
    data = unbase64(text)
    need(len(data) == 32, "not a hash")
    return data


def whole(value: Any) -> int:
    """A whole number that fits 63 bits."""
    need(type(value) is int and 0 <= value < 2**63, "not a whole number")
    return int(value)


def match(pattern: re.Pattern[str], value: object) -> str:
    """Text of exactly this pattern."""
    need(isinstance(value, str) and pattern.fullmatch(value) is not None, "unexpected text")
    return str(value)


def compact(value: object) -> bytes:
    """The canonical spelling of JSON that has ASCII keys and no fractions."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def load(data: bytes, names: list[str]) -> dict[str, Any]:
    """A canonical JSON object with exactly these members."""
    try:
        value = json.loads(data)
        need(compact(value) == data, "not canonical JSON")
    except (ValueError, RecursionError) as error:
        raise Wrong("not JSON") from error
    return members(value, names)


def members(value: Any, names: list[str]) -> dict[str, Any]:
    """An object with exactly these members."""
    need(isinstance(value, dict) and sorted(value) == sorted(names), "unexpected members")
    return dict(value)


def sha256(*parts: bytes) -> bytes:
    """SHA-256 over the parts."""
    return hashlib.sha256(b"".join(parts)).digest()


def root_of(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """Root that an audit path leads to: RFC 9162, section 2.1.3.2, steps 1 to 5."""
    need(0 <= index < size, "no such leaf")
    first, last, value = index, size - 1, sha256(b"\x00", leaf)
    for one in path:
        need(last > 0, "the path is too long")
        if first & 1 or first == last:
            value = sha256(b"\x01", one, value)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            value = sha256(b"\x01", value, one)
        first, last = first >> 1, last >> 1
    need(last == 0, "the path is too short")
    return value


def check_signature(public: bytes, signature: bytes, message: bytes, reason: str) -> None:
    """Ed25519 over exactly these bytes."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError) as error:
        raise Wrong(reason) from error


def thumbprint(public: bytes) -> str:
    """Key identifier: RFC 7638 over the Ed25519 JWK."""
    x = base64.urlsafe_b64encode(public).decode().rstrip("=")
    jwk = compact({"crv": "Ed25519", "kty": "OKP", "x": x})
    return base64.urlsafe_b64encode(sha256(jwk)).decode().rstrip("=")


def read_vkey(vkey: str) -> tuple[str, bytes, bytes]:
    """Name, key identifier and public key of a verifier key (C2SP signed-note)."""
    name, hexadecimal, encoded = (*vkey.split("+", 2), "", "")[:3]
    data = unbase64(encoded)
    need(data[:1] == b"\x01" and len(data) == 33 and bool(name), "not an Ed25519 verifier key")
    key_id = sha256(name.encode(), b"\n", data)[:4]
    need(key_id.hex() == hexadecimal, "the key identifier is wrong")
    return name, key_id, data[1:]


def read_note(note: str, vkey: str) -> tuple[int, bytes]:
    """Size and root of a checkpoint that this key signed (C2SP tlog-checkpoint)."""
    name, key_id, public = read_vkey(vkey)
    need(all(c >= " " or c == "\n" for c in note), "control character in the checkpoint")
    text, blank, tail = note.rpartition("\n\n")
    need(bool(blank) and tail.endswith("\n"), "the checkpoint is not a signed note")
    found = 0
    for line in tail[:-1].split("\n"):
        dash, signer, encoded = (*line.split(" "), "", "")[:3]
        need(line == f"\u2014 {signer} {encoded}" and bool(dash and signer), "bad signature line")
        need("+" not in signer and not any(c.isspace() for c in signer), "bad key name")
        data = unbase64(encoded)
        need(len(data) > 4, "bad signature line")
        if (signer, data[:4]) == (name, key_id):
            check_signature(public, data[4:], f"{text}\n".encode(), "the log did not sign this")
            found += 1
    need(found > 0, "no signature of the log")
    lines = text.split("\n")
    need(len(lines) >= 3 and all(lines) and lines[0] == name, "not a checkpoint of this log")
    size = int(match(NUMBER, lines[1]))
    need(size < 2**63, "the size is too large")
    return size, unhash(lines[2])


def read_proof(text: str) -> tuple[int, list[bytes], str]:
    """Index, audit path and note of a proof (C2SP tlog-proof)."""
    head, blank, note = text.partition("\n\n")
    lines = head.split("\n")
    need(bool(blank) and lines[0] == "c2sp.org/tlog-proof@v1", "not a proof")
    if lines[1:] and lines[1].startswith("extra "):
        unbase64(lines.pop(1)[6:])
    need(len(lines) > 1 and lines[1].startswith("index "), "the proof has no index")
    index = int(match(NUMBER, lines[1][6:]))
    return index, [unhash(line) for line in lines[2:]], note


def read_entry(data: bytes) -> dict[str, Any]:
    """Entry and, inside it, statement: exact members, exact forms."""
    need(len(data) <= 65535, "the entry is too long")
    entry = load(data, ["index", "prev", "receivedAt", "signature", "statement", "v"])
    need(isinstance(entry["statement"], dict), "no statement")
    statement = entry["statement"]
    kind = match(KIND, statement.get("kind"))
    members(statement, COMMON + KEY_KINDS.get(kind, ["count", "root"]))
    need(not kind.startswith("key.") or kind in KEY_KINDS, "unknown kind")
    for one in (entry, statement):
        need(type(one["v"]) is int and one["v"] == 1, "unknown version")
        match(HASH, one["prev"])
    for moment in (entry["receivedAt"], statement["signedAt"]):
        check_time(match(TIME, moment))
    match(STREAM, statement["stream"])
    match(NAME, statement["alg"])
    match(NAME, statement["kid"])
    whole(entry["index"])
    whole(statement["seq"])
    unbase64(entry["signature"])
    return entry


def check_time(text: str) -> None:
    """The time exists in the calendar."""
    try:
        datetime.fromisoformat(text)
    except ValueError as error:
        raise Wrong("no such time") from error


def check_signed(entry: dict[str, Any], public: bytes) -> None:
    """The entry's signature over its statement."""
    need(entry["statement"]["alg"] == "Ed25519", "unknown algorithm")
    signature = unbase64(entry["signature"])
    check_signature(public, signature, compact(entry["statement"]), "the signature does not hold")


class Keys:
    """Keys of one stream, and over which indexes each counts."""

    def __init__(self, operator: bytes) -> None:
        self.operator = operator
        self.tenures: dict[str, tuple[bytes, int, int]] = {}

    def active(self, kid: str, index: int) -> bytes:
        """The key, if it was active at this index."""
        public, added, until = self.tenures.get(kid, (b"", 0, 0))
        need(added < index < until, "the key was not active at this index")
        return public

    def take(self, entry: dict[str, Any]) -> None:
        """Apply one key entry that is in the log, if it was authorised."""
        index, statement = entry["index"], entry["statement"]
        by_operator = statement["kid"] == thumbprint(self.operator)
        key = self.operator if by_operator else self.active(statement["kid"], index)
        check_signed(entry, key)
        if statement["kind"] == "key.add":
            self.add(members(statement["key"], ["alg", "publicKey"]), index)
        else:
            self.revoke(members(statement["revoke"], ["asOf", "kid"]), index, by_operator)

    def add(self, key: dict[str, Any], index: int) -> None:
        """A further key, active after this index."""
        public = unbase64(key["publicKey"])
        need(key["alg"] == "Ed25519" and len(public) == 32, "unknown algorithm")
        need(public != self.operator, "the log's key cannot be a party's")
        need(thumbprint(public) not in self.tenures, "the key was added before")
        self.tenures[thumbprint(public)] = public, index, 2**63

    def revoke(self, revoke: dict[str, Any], index: int, by_operator: bool) -> None:
        """The end of a key: from this entry on, or earlier if the operator says so."""
        kid, as_of = match(NAME, revoke["kid"]), revoke["asOf"]
        need(as_of is None or by_operator, "only the operator revokes for the past")
        end = index if as_of is None else whole(as_of)
        public, added, until = self.tenures.get(kid, (b"", 0, 0))
        need(until == 2**63 and added < end <= index, "nothing to revoke")
        self.tenures[kid] = public, added, end


def verify(data: bytes, vkey: str) -> dict[str, Any]:
    """What the bundle proves, or :class:`Wrong`."""
    # 1. Form.
    bundle = load(data, ["entry", "item", "keys", "proof", "type", "v"])
    need(bundle["type"] == "ledger-bundle", "not a bundle")
    need(type(bundle["v"]) is int and bundle["v"] == 1, "unknown version")
    item = members(bundle["item"], ["path", "payload", "position", "salt"])
    need(isinstance(bundle["proof"], str) and isinstance(bundle["keys"], list), "bad members")
    # 2. The log signed the checkpoint.
    index, path, note = read_proof(bundle["proof"])
    size, root = read_note(note, vkey)
    # 3. and 4. The entry is in the log, at the index it names.
    body = unbase64(bundle["entry"])
    need(root_of(body, index, size, path) == root, "the entry is not in the log")
    entry = read_entry(body)
    need(entry["index"] == index, "the entry names another index")
    statement = entry["statement"]
    # 5. The stream's keys are in the log, and were authorised.
    keys, last = Keys(read_vkey(vkey)[2]), -1
    for one in bundle["keys"]:
        members(one, ["entry", "path"])
        key_body = unbase64(one["entry"])
        key = read_entry(key_body)
        need(key["statement"]["kind"] in KEY_KINDS and key["index"] > last, "not a key entry")
        need(key["statement"]["stream"] == statement["stream"], "a key of another stream")
        way = path_of(one["path"])
        need(root_of(key_body, key["index"], size, way) == root, "a key entry is not in the log")
        keys.take(key)
        last = key["index"]
    # 6. and 7. The party's key was active, and signed.
    need(statement["kind"] not in KEY_KINDS, "a statement about keys has no items")
    check_signed(entry, keys.active(statement["kid"], index))
    # 8. The item is what was signed.
    payload, salt = unbase64(item["payload"]), unbase64(item["salt"])
    need(len(salt) == 16, "a salt has 16 bytes")
    position, count = whole(item["position"]), whole(statement["count"])
    top = root_of(sha256(salt, payload), position, count, path_of(item["path"]))
    need(top.hex() == match(HASH, statement["root"]), "the item is not the one that was signed")
    return {"payload": payload, "index": index, "size": size, "statement": statement}


def main(arguments: list[str]) -> int:
    """Command line: a bundle file and the log's verifier key."""
    if len(arguments) != 2:
        sys.stderr.write("usage: standalone_verify.py BUNDLE VKEY\n")
        return 2
    try:
        proven = verify(Path(arguments[0]).read_bytes(), arguments[1])
    except (Wrong, OSError) as error:
        sys.stdout.write(f"WRONG: {error}\n")
        return 1
    statement = proven["statement"]
    sys.stdout.write(
        f"RIGHT: entry {proven['index']} of {proven['size']}, stream {statement['stream']},"
        f" signed by {statement['kid']}\n"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
