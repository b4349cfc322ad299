"""COSE receipts: that an entry is in the log, for readers of COSE (RFC 9942, RFC 9162 proofs).

A receipt is a COSE_Sign1 (RFC 9052) by the log's Ed25519 key over the tree's root, which is not in
it: whoever verifies makes the root from the entry and the audit path. It says nothing that a
bundle does not say, in a form that other systems read. The format signs neither size nor index;
the index follows from the path, the size only as far as the path depends on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ledger import checkpoint, merkle
from ledger import entry as entries
from ledger.codec import HASH_BYTES, MAX_SIZE
from ledger.errors import FormatError, SignatureError
from ledger.note import Signer, Verifier
from ledger.proof import Proof

MEDIA_TYPE = "application/cose"
MAX_BYTES = 10_000

_SIGN1 = 18
_ALG, _KID, _CLAIMS, _VDS, _VDP = 1, 4, 15, 395, 396
_EDDSA, _RFC9162_SHA256, _INCLUSION = -8, 1, -1
_ISSUER, _SUBJECT = 1, 2


@dataclass(frozen=True)
class Receipt:
    """A parsed receipt; nothing of it is verified."""

    protected: bytes
    header: Mapping[Any, Any]
    size: int
    index: int
    path: tuple[bytes, ...]
    signature: bytes

    @property
    def key_id(self) -> bytes:
        """Identifier of the key, as the issuer names it; empty if it does not."""
        value = self.header.get(_KID, b"")
        return value if isinstance(value, bytes) else b""

    def root(self, entry: bytes) -> bytes:
        """The root that the receipt says the entry leads to."""
        return merkle.inclusion_root(merkle.leaf_hash(entry), self.index, self.size, self.path)

    def signed(self, entry: bytes) -> bytes:
        """What must have been signed: ``Sig_structure`` over the root (RFC 9052, section 4.4)."""
        return sig_structure(self.protected, self.root(entry))


def issue(entry: bytes, proof: Proof, signer: Signer) -> bytes:
    """The receipt of an entry, as deterministic CBOR (RFC 8949, section 4.2.1).

    Only for a root that the log's key signed in a checkpoint: ``proof`` is verified first.
    """
    head = checkpoint.verify(proof.checkpoint, signer.verifier)
    merkle.verify_inclusion(merkle.leaf_hash(entry), proof.index, head.size, proof.path, head.root)
    claims = {_ISSUER: head.origin, _SUBJECT: entries.parse(entry).statement.stream}
    protected = _dump(
        {
            _ALG: _EDDSA,
            _KID: signer.verifier.key_id,
            _CLAIMS: claims,
            _VDS: _RFC9162_SHA256,
        }
    )
    inclusion = _dump([head.size, proof.index, list(proof.path)])
    signature = signer.private_key.sign(sig_structure(protected, head.root))
    body = [protected, {_VDP: {_INCLUSION: [inclusion]}}, None, signature]
    return _dump(cbor2.CBORTag(_SIGN1, body))


def parse(data: bytes) -> Receipt:
    """The receipt in these bytes, which must hold one inclusion proof and no payload."""
    tag = _load(data)
    body = tag.value if isinstance(tag, cbor2.CBORTag) and tag.tag == _SIGN1 else None
    if not isinstance(body, list | tuple) or len(body) != 4 or body[2] is not None:
        raise FormatError("not a COSE_Sign1 without payload")
    protected, unprotected, _, signature = body
    if not isinstance(protected, bytes) or not isinstance(signature, bytes):
        raise FormatError("not a COSE_Sign1")
    header = _load(protected)
    if not isinstance(header, Mapping) or not _says(header, _VDS, _RFC9162_SHA256):
        raise FormatError("not a receipt of an RFC 9162 tree")
    size, index, path = _inclusion(unprotected)
    return Receipt(protected, header, size, index, path, signature)


def _says(header: Mapping[Any, Any], label: int, number: int) -> bool:
    """Whether the header has this integer there; Python takes true and 1.0 for one, too."""
    return type(header.get(label)) is int and header[label] == number


def _inclusion(unprotected: object) -> tuple[int, int, tuple[bytes, ...]]:
    proofs = unprotected.get(_VDP) if isinstance(unprotected, Mapping) else None
    held = proofs.get(_INCLUSION) if isinstance(proofs, Mapping) else None
    if not isinstance(held, list | tuple) or len(held) != 1 or not isinstance(held[0], bytes):
        raise FormatError("a receipt holds one inclusion proof")
    proof = _load(held[0])
    if not isinstance(proof, list | tuple) or len(proof) != 3:
        raise FormatError("not an inclusion proof")
    size, index, path = proof
    if not all(type(number) is int and 0 <= number <= MAX_SIZE for number in (size, index)):
        raise FormatError("not an inclusion proof")
    if not isinstance(path, list | tuple) or not all(
        isinstance(step, bytes) and len(step) == HASH_BYTES for step in path
    ):
        raise FormatError("not an audit path")
    return size, index, tuple(path)


def verify(data: bytes, entry: bytes, verifier: Verifier) -> Receipt:
    """The receipt, if the log's key signed the root that this entry leads to."""
    receipt = parse(data)
    if not _says(receipt.header, _ALG, _EDDSA):
        raise SignatureError("the receipt is not signed with EdDSA")
    if 2 in receipt.header:
        raise FormatError("the receipt has critical headers that are not understood")
    try:
        Ed25519PublicKey.from_public_bytes(verifier.public_key).verify(
            receipt.signature, receipt.signed(entry)
        )
    except InvalidSignature as error:
        raise SignatureError("the log did not sign this receipt") from error
    return receipt


def sig_structure(protected: bytes, root: bytes) -> bytes:
    """What a COSE_Sign1 signs: RFC 9052, section 4.4, without external data."""
    return _dump(["Signature1", protected, b"", root])


def _dump(value: object) -> bytes:
    return cbor2.dumps(value, canonical=True)


def _load(data: bytes) -> Any:
    """One CBOR item; duplicate keys, indefinite lengths and longer spellings are refused."""
    if len(data) > MAX_BYTES:
        raise FormatError("the receipt is too long")
    try:
        value = cbor2.loads(data)
        again = cbor2.dumps(value)
    except (cbor2.CBORError, ValueError, TypeError, RecursionError) as error:
        raise FormatError("not CBOR") from error
    if again != data:
        raise FormatError("not the shortest form of CBOR, or something follows it")
    return value
