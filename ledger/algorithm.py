"""Signature algorithms of parties: Ed25519 (RFC 8032), and ES256 for keys in hardware (RFC 7518).

Public keys and signatures have one form each, of fixed length; whatever else is refused.
"""

from __future__ import annotations

import base64
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from ledger.curve import check_public_key
from ledger.errors import FormatError, SignatureError, WeakKeyError

ED25519 = "Ed25519"
ES256 = "ES256"

Public = Ed25519PublicKey | ec.EllipticCurvePublicKey
Private = Ed25519PrivateKey | ec.EllipticCurvePrivateKey

_CURVE = ec.SECP256R1()
_ECDSA = ec.ECDSA(hashes.SHA256())
_SCALAR = 32
# Order of the group: FIPS 186-5 and SP 800-186, section 3.2.1.3.
_N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def check_algorithm(alg: str) -> None:
    """Raise :class:`FormatError` unless signatures of this algorithm can be verified here."""
    if alg not in (ED25519, ES256):
        raise FormatError(f"unknown signature algorithm: {alg[:32]!r}")


@lru_cache(maxsize=4096)
def load_public(alg: str, data: bytes) -> Public:
    """The public key of these bytes: 32 for Ed25519, 65 (uncompressed point) for ES256.

    Raises :class:`WeakKeyError` for bytes that no honest key has.
    """
    check_algorithm(alg)
    if alg == ED25519:
        check_public_key(data)
        return Ed25519PublicKey.from_public_bytes(data)
    if len(data) != 1 + 2 * _SCALAR or data[0] != 4:
        raise WeakKeyError("a P-256 public key is an uncompressed point of 65 bytes")
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, data)
    except ValueError as error:
        raise WeakKeyError("not a point of the curve P-256") from error


def jwk(alg: str, data: bytes) -> bytes:
    """Members of the public key's JWK as its thumbprint needs them: RFC 7638, section 3.2."""
    check_algorithm(alg)
    if alg == ED25519:
        return b'{"crv":"Ed25519","kty":"OKP","x":"%s"}' % base64url(data)
    x, y = base64url(data[1 : 1 + _SCALAR]), base64url(data[1 + _SCALAR :])
    return b'{"crv":"P-256","kty":"EC","x":"%s","y":"%s"}' % (x, y)


def base64url(data: bytes) -> bytes:
    """Base 64 for addresses, without padding: RFC 7515, section 2."""
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def verify(key: Public, message: bytes, signature: bytes) -> None:
    """Raise :class:`SignatureError` unless the signature is the key's over the message."""
    try:
        if isinstance(key, Ed25519PublicKey):
            key.verify(signature, message)
        else:
            key.verify(_der(signature), message, _ECDSA)
    except InvalidSignature as error:
        raise SignatureError("the signature does not hold") from error


def _der(signature: bytes) -> bytes:
    """ASN.1 form of r and s: RFC 7518, section 3.4, from 64 bytes."""
    r = int.from_bytes(signature[:_SCALAR], "big")
    s = int.from_bytes(signature[_SCALAR:], "big")
    if len(signature) != 2 * _SCALAR or not (0 < r < _N and 0 < s < _N):
        raise SignatureError("an ES256 signature is two numbers of 32 bytes below the order")
    return encode_dss_signature(r, s)


def sign(key: Private, message: bytes) -> bytes:
    """Signature of 64 bytes."""
    if isinstance(key, Ed25519PrivateKey):
        return key.sign(message)
    r, s = decode_dss_signature(key.sign(message, _ECDSA))
    return r.to_bytes(_SCALAR, "big") + s.to_bytes(_SCALAR, "big")


def generate(alg: str) -> Private:
    """A new private key."""
    check_algorithm(alg)
    return Ed25519PrivateKey.generate() if alg == ED25519 else ec.generate_private_key(_CURVE)


def load_private(alg: str, data: bytes) -> Private:
    """The private key of its 32 secret bytes: a seed, or for ES256 a number below the order."""
    check_algorithm(alg)
    if len(data) != _SCALAR:
        raise FormatError(f"a private key has {_SCALAR} bytes, not {len(data)}")
    if alg == ED25519:
        return Ed25519PrivateKey.from_private_bytes(data)
    if not 0 < (number := int.from_bytes(data, "big")) < _N:
        raise FormatError("a P-256 private key lies between 0 and the order of the group")
    return ec.derive_private_key(number, _CURVE)


def dump_private(key: Private) -> bytes:
    """The 32 secret bytes of :func:`load_private`."""
    if isinstance(key, Ed25519PrivateKey):
        return key.private_bytes_raw()
    return key.private_numbers().private_value.to_bytes(_SCALAR, "big")


def dump_public(key: Public) -> bytes:
    """The bytes of :func:`load_public`."""
    if isinstance(key, Ed25519PublicKey):
        return key.public_bytes_raw()
    return key.public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )


def algorithm_of(key: Private) -> str:
    """Name of the key's algorithm; an elliptic curve other than P-256 is refused."""
    if isinstance(key, Ed25519PrivateKey):
        return ED25519
    if not isinstance(key.curve, ec.SECP256R1):
        raise FormatError(f"ES256 is of the curve P-256, not {key.curve.name}")
    return ES256
