"""Check a proof bundle without this project.

python verify.py BUNDLE VKEY [VKEY …]    every one of these keys of the log must have signed
python verify.py BUNDLE --policy FILE    a C2SP tlog-policy: the log, its witnesses, a quorum

One file, standard library and ``cryptography`` only, written from the format's description in
docs/ledger.md. Exit code 0: it proves what is printed; 1: it is wrong; 2: wrong usage.
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
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils

HASH, NUMBER, NAME = r"[0-9a-f]{64}", r"0|[1-9][0-9]{0,18}", r"[A-Za-z0-9_-]{1,64}"
PROOF = r"c2sp\.org/tlog-proof@v1\n(?:extra (.*)\n)?index (\d{1,19})\n((?:.+\n)*)\n((?s:.+))"
COMMON = ["alg", "kid", "kind", "prev", "seq", "signedAt", "stream", "v"]
KEY_KINDS = {"key.add": ["key"], "key.revoke": ["revoke"]}
EVER = 2**63  # no index is as large
NoteKey = tuple[str, bytes, bytes, bytes]  # name, key identifier, type, public key


def need(condition: object, reason: str) -> None:
    """Stop with this reason unless the condition holds."""
    if not condition:
        raise ValueError(reason)


def unbase64(text: object, size: int | None = None) -> bytes:
    """Decode Base 64 in its one canonical spelling; ``size`` bytes if given."""
    data = base64.b64decode(text if isinstance(text, str) else "?", validate=True)
    canonical = base64.b64encode(data).decode() == text
    need(canonical and size in (None, len(data)), "not canonical Base 64 of the right length")
    return data


def match(pattern: str, value: object) -> str:
    """Text of exactly this pattern."""
    need(isinstance(value, str) and re.fullmatch(pattern, value, re.ASCII), "unexpected text")
    return str(value)


def whole(value: Any) -> int:
    """A whole number that JSON can say exactly: RFC 8785."""
    need(type(value) is int and 0 <= value < 2**53, "not a whole number")
    return int(value)


def compact(value: object) -> bytes:
    """The canonical spelling of JSON that has ASCII keys and no fractions."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def members(value: Any, names: list[str]) -> dict[str, Any]:
    """An object, or the canonical JSON of an object, with exactly these members."""
    if isinstance(value, bytes):
        try:
            data, value = value, json.loads(value)
            need(compact(value) == data, "not canonical JSON")
        except RecursionError as error:
            raise ValueError("not JSON of a sane depth") from error
    need(isinstance(value, dict) and sorted(value) == sorted(names), "unexpected members")
    return dict(value)


def h(*parts: bytes) -> bytes:
    """SHA-256 over the parts."""
    return hashlib.sha256(b"".join(parts)).digest()


def root_of(leaf: bytes, index: int, size: int, path: Any) -> bytes:
    """Root that an audit path leads to: RFC 9162, section 2.1.3.2."""
    inner, value = (index ^ (size - 1)).bit_length(), h(b"\x00", leaf)
    need(0 <= index < size < EVER and isinstance(path, list), "no such leaf, or no path")
    need(len(path) == inner + (index >> inner).bit_count(), "the path has not the right length")
    for height, text in enumerate(path):
        step, left = unbase64(text, 32), height >= inner or index >> height & 1
        value = h(b"\x01", step, value) if left else h(b"\x01", value, step)
    return value


def check_signature(alg: str, public: bytes, signature: bytes, message: bytes) -> None:
    """A signature over exactly these bytes; ES256 signatures are r and s, 32 bytes each."""
    try:
        if alg == "Ed25519":
            ed25519.Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
        elif alg == "ML-DSA-44":
            from cryptography.hazmat.primitives.asymmetric import mldsa

            mldsa.MLDSA44PublicKey.from_public_bytes(public).verify(signature, message)
        else:
            need(alg == "ES256" and (len(public), len(signature)) == (65, 64), "not ES256")
            r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
            key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
            key.verify(utils.encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ImportError) as error:
        raise ValueError("a signature fails, or cannot be checked here") from error


def thumbprint(alg: str, public: bytes) -> str:
    """Key identifier: RFC 7638 over the JWK."""
    parts = (public,) if alg == "Ed25519" else (public[1:33], public[33:])
    texts = [base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts]
    kind = ("Ed25519", "OKP") if alg == "Ed25519" else ("P-256", "EC")
    jwk = compact(dict(zip(("crv", "kty", "x", "y"), (*kind, *texts), strict=False)))
    return base64.urlsafe_b64encode(h(jwk)).decode().rstrip("=")


def read_vkey(vkey: str) -> NoteKey:
    """A verifier key: name, key identifier, and type with key, joined by ``+``."""
    name, hexadecimal, encoded = (*vkey.split("+", 2), "", "")[:3]
    data = unbase64(encoded)
    need(name and not re.search(r"[\s\x00-\x1f]", name), "bad key name")
    size = {b"\x01": 33, b"\x04": 33, b"\x06": 1313}.get(data[:1])
    key_id = h(name.encode(), b"\n", data)[:4]
    need(len(data) == size and key_id.hex() == hexadecimal, "not a verifier key of a known type")
    return name, key_id, data[:1], data[1:]


def check_note(key: NoteKey, text: str, value: bytes) -> None:
    """A signature of a checkpoint; cosignatures begin with a time (C2SP tlog-cosignature)."""
    message, name, alg = text.encode() + b"\n", key[0].encode(), "Ed25519"
    if key[2] != b"\x01":
        time, value = value[:8], value[8:]
        need(value and time[0] < 128, "a cosignature has no time")
        message = b"cosignature/v1\ntime %d\n" % int.from_bytes(time, "big") + message
    if key[2] == b"\x06":
        log, size, root = (part.encode() for part in text.split("\n")[:3])
        need(0 < len(name) < 256 and 0 < len(log) < 256, "the name is too long")
        tree = int(size).to_bytes(16, "big") + unbase64(root.decode(), 32)
        message = b"subtree/v1\n\0%c%b%b%c%b%b" % (len(name), name, time, len(log), log, tree)
        alg = "ML-DSA-44"
    check_signature(alg, key[3], value, message)


class Trust:
    """Keys of the log, and witnesses of whom a quorum must have cosigned (C2SP tlog-policy)."""

    def __init__(self, vkeys: list[str], policy: str = "") -> None:
        self.logs, self.quorum = [read_vkey(vkey) for vkey in vkeys], "none" if vkeys else ""
        self.witnesses: dict[str, NoteKey] = {}
        self.groups: dict[str, tuple[int, list[str]]] = {}
        self.every_key = bool(vkeys)  # under a policy, one of the log's keys is enough
        need(not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", policy), "bad character in the policy")
        for line in policy.split("\n"):
            words = [word for word in re.split(r"[ \t]+", line) if word]
            if words and not words[0].startswith("#"):
                self.add(words[0], words[1:], ["none", *self.witnesses, *self.groups])
        need(self.quorum and len({key[0] for key in self.logs}) == 1, "not one log and one quorum")
        for keys in (self.logs, [*self.witnesses.values()]):
            need(len({key[3] for key in keys}) == len(keys), "a key stands there twice")

    def add(self, keyword: str, words: list[str], known: list[str]) -> None:
        """One line of a policy."""
        new = bool(words) and words[0] not in known
        if keyword == "log" and len(words) in (1, 2):
            self.logs.append(read_vkey(words[0]))
        elif keyword == "witness" and len(words) in (2, 3) and new:
            self.witnesses[words[0]] = read_vkey(words[1])
            need(self.witnesses[words[0]][2] != b"\x01", "not a witness's key")
        elif keyword == "group" and len(words) > 2 and new:
            inside, used = words[2:], [m for _, group in self.groups.values() for m in group]
            need(len({*inside}) == len(inside) and not {*inside} & {"none", *used}, "bad group")
            least = {"all": len(inside), "any": 1}.get(words[1]) or int(match(NUMBER, words[1]))
            need({*inside} <= {*known} and 1 <= least <= len(inside), "bad group")
            self.groups[words[0]] = least, inside
        else:
            good = (keyword, len(words), self.quorum, new) == ("quorum", 1, "", False)
            self.quorum = words[0] if good else match("", "not a line of a policy")

    def read(self, note: str) -> tuple[int, bytes]:
        """Size and root of a checkpoint that all who must have signed."""
        text, blank, tail = note.rpartition("\n\n")
        sound = blank and tail.endswith("\n") and all(c >= " " or c == "\n" for c in note)
        head, signed, lines = text.split("\n"), set(), tail[:-1].split("\n")
        need(sound and len(head) > 2 and all(head) and len(lines) <= 64, "not a signed checkpoint")
        size, root = int(match(NUMBER, head[1])), unbase64(head[2], 32)
        for line in lines:
            found = re.fullmatch("\u2014 ([^+\\s]+) (\\S+)", line)
            name, data = (found[1], unbase64(found[2])) if found else ("", b"")
            need(len(data) > 4, "bad signature line")
            for key in (*self.logs, *self.witnesses.values()):
                if key[:2] == (name, data[:4]):
                    check_note(key, text, data[4:])
                    signed.add(key)
        mine = [key in signed and key[0] == head[0] for key in self.logs]
        need(all(mine) if self.every_key else any(mine), "the log did not sign this checkpoint")
        present = {name for name, key in self.witnesses.items() if key in signed} | {"none"}
        for name, (least, inside) in self.groups.items():
            present |= {name} if len(present & {*inside}) >= least else set()
        need(self.quorum in present, "too few witnesses cosigned")
        return size, root


def read_entry(data: bytes) -> dict[str, Any]:
    """Entry and, inside it, statement: exact members, exact forms."""
    need(len(data) <= 65535, "the entry is too long")
    entry = members(data, ["index", "prev", "receivedAt", "signature", "statement", "v"])
    statement = entry["statement"] if isinstance(entry["statement"], dict) else {}
    kind = match(r"[a-z][a-z0-9.-]{0,31}", statement.get("kind"))
    members(statement, COMMON + KEY_KINDS.get(kind, ["count", "root"]))
    need(not kind.startswith(("key.", "log.")) or kind in KEY_KINDS, "not a kind of items")
    for one, moment in ((entry, entry["receivedAt"]), (statement, statement["signedAt"])):
        need(whole(one["v"]) == 1 and match(HASH, one["prev"]), "unknown version")
        datetime.fromisoformat(match(r"\d{4}-\d\d-\d\dT(?!24)\d\d:\d\d:\d\d\.\d{3}Z", moment))
    match(r"[!#-\[\]-~]{1,200}", statement["stream"]), whole(entry["index"])
    match(NAME, statement["alg"]), match(NAME, statement["kid"]), whole(statement["seq"])
    return entry | {"signature": unbase64(entry["signature"])}


class Keys:
    """Keys of one stream: algorithm, key, after and below which index it counts, the log's own?"""

    def __init__(self, operator: bytes) -> None:
        self.tenures = {thumbprint("Ed25519", operator): ("Ed25519", operator, -1, EVER, True)}

    def take(self, entry: dict[str, Any]) -> None:
        """Check that a key in force signed the entry; if it is about keys, apply it."""
        index, statement = entry["index"], entry["statement"]
        alg, public, added, until, own = self.tenures.get(statement["kid"], ("", b"", 0, 0, False))
        need(added < index < until, "the key was not active at this index")
        need(statement["alg"] == alg, "not a key for this algorithm")
        need(not own or statement["kind"] in KEY_KINDS, "the log signs nothing about items")
        check_signature(alg, public, entry["signature"], compact(statement))
        if statement["kind"] == "key.add":
            key = members(statement["key"], ["alg", "publicKey"])
            alg, public = str(key["alg"]), unbase64(key["publicKey"])
            need({"Ed25519": 32, "ES256": 65}.get(alg) == len(public), "unknown algorithm")
            need(thumbprint(alg, public) not in self.tenures, "the key was added before")
            self.tenures[thumbprint(alg, public)] = alg, public, index, EVER, False
        elif statement["kind"] == "key.revoke":
            revoke = members(statement["revoke"], ["asOf", "kid"])
            need(revoke["asOf"] is None or own, "only the log's operator revokes for the past")
            end = index if revoke["asOf"] is None else whole(revoke["asOf"])
            kid = match(NAME, revoke["kid"])
            alg, public, added, until, own = self.tenures.get(kid, ("", b"", 0, 0, True))
            need(until == EVER and added < end <= index and not own, "nothing to revoke")
            self.tenures[kid] = alg, public, added, end, own


def verify(data: bytes, trust: Trust) -> dict[str, Any]:
    """What the bundle proves; raises ValueError if it does not. Steps as in docs/ledger.md."""
    bundle = members(data, ["entry", "item", "keys", "proof", "type", "v"])  # 1. form
    item = members(bundle["item"], ["path", "payload", "position", "salt"])
    need((bundle["type"], whole(bundle["v"])) == ("ledger-bundle", 1), "not a known version")
    need(isinstance(bundle["keys"], list), "the keys are no list")
    parts = re.fullmatch(PROOF, bundle["proof"] if isinstance(bundle["proof"], str) else "", re.A)
    extra, number, lines, note = parts.groups() if parts else ("?", "", "", "")
    index, path, _ = int(match(NUMBER, number)), lines.split("\n")[:-1], unbase64(extra or "")
    size, root = trust.read(note)  # 2. log and witnesses signed
    body = unbase64(bundle["entry"])  # 3. in the log, 4. at this index
    need(root_of(body, index, size, path) == root, "the entry is not in the log")
    entry = read_entry(body)
    need(entry["index"] == index, "the entry names another index")
    statement = entry["statement"]
    keys, last = Keys(next((key[3] for key in trust.logs if key[2] == b"\x01"), b"")), -1
    for one in bundle["keys"]:  # 5. the keys are in the log, and were authorised
        key = read_entry(body := unbase64(members(one, ["entry", "path"])["entry"]))
        need(key["statement"]["kind"] in KEY_KINDS and key["index"] > last, "not a key entry")
        need(key["statement"]["stream"] == statement["stream"], "a key of another stream")
        last = key["index"]
        need(root_of(body, last, size, one["path"]) == root, "a key entry is not in the log")
        keys.take(key)
    need(statement["kind"] not in KEY_KINDS, "a statement about keys has no items")
    keys.take(entry)  # 6. the party's key was active, 7. and signed
    payload, salt = unbase64(item["payload"]), unbase64(item["salt"], 16)
    position, leaf = whole(item["position"]), h(salt, payload)
    top = root_of(leaf, position, whole(statement["count"]), item["path"])  # 8. the item
    need(top.hex() == match(HASH, statement["root"]), "the item is not the one that was signed")
    return {"payload": payload, "index": index, "size": size, "statement": statement}


def main(arguments: list[str]) -> int:
    """Command line: a bundle file, and the log's keys or a policy file."""
    if len(arguments) < 2 or (arguments[1] == "--policy" and len(arguments) != 3):
        sys.stderr.write(str(__doc__))
        return 2
    try:
        named = arguments[1] == "--policy"
        policy = Path(arguments[2]).read_bytes().decode("utf-8", "surrogateescape") if named else ""
        trust = Trust([] if named else arguments[1:], policy)
        proven = verify(Path(arguments[0]).read_bytes(), trust)
    except (ValueError, OSError) as error:
        sys.stdout.write(f"WRONG: {error}\n")
        return 1
    shown = "RIGHT: entry {index} of {size}, stream {statement[stream]}, signed by {statement[kid]}"
    sys.stdout.write(shown.format(**proven) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
