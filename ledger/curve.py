"""Which 32 bytes are a proper Ed25519 public key (RFC 8032, section 5.1.3).

Verifiers differ on points of low or mixed order and on non-canonical encodings, so that one
signature could hold for some readers only. No honest key is such a point: a key is a multiple of
the base point. Keys are therefore checked once, when they enter; signatures are left to OpenSSL.
"""

from __future__ import annotations

from functools import lru_cache

from ledger.errors import WeakKeyError

_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
_SQRT_MINUS_ONE = pow(2, (_P - 1) // 4, _P)

_Point = tuple[int, int, int, int]  # extended coordinates X, Y, Z, T
_NEUTRAL: _Point = (0, 1, 1, 0)


def _add(a: _Point, b: _Point) -> _Point:
    """Complete addition law: RFC 8032, section 5.1.4."""
    lower = (a[1] - a[0]) * (b[1] - b[0])
    upper = (a[1] + a[0]) * (b[1] + b[0])
    cross, product = 2 * a[3] * b[3] * _D, 2 * a[2] * b[2]
    e, f, g, h = upper - lower, product - cross, product + cross, upper + lower
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _multiply(scalar: int, point: _Point) -> _Point:
    result = _NEUTRAL
    while scalar:
        if scalar & 1:
            result = _add(result, point)
        point = _add(point, point)
        scalar >>= 1
    return result


def _is_neutral(point: _Point) -> bool:
    return point[0] % _P == 0 and (point[1] - point[2]) % _P == 0


def _decode(data: bytes) -> _Point:
    """The point that these bytes encode; only the canonical encoding is accepted."""
    number = int.from_bytes(data, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    if y >= _P:
        raise WeakKeyError("not a canonical encoding: y is not reduced")
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _SQRT_MINUS_ONE % _P
    if (x * x - square) % _P:
        raise WeakKeyError("not a point of the curve")
    if x == 0 and sign:
        raise WeakKeyError("not a canonical encoding: minus zero")
    if x & 1 != sign:
        x = _P - x
    return x, y, 1, x * y % _P


@lru_cache(maxsize=1024)
def check_public_key(data: bytes) -> None:
    """Raise :class:`WeakKeyError` unless this is the encoding of a point of prime order."""
    if len(data) != 32:
        raise WeakKeyError(f"an Ed25519 public key has 32 bytes, not {len(data)}")
    point = _decode(data)
    if _is_neutral(_multiply(8, point)):
        raise WeakKeyError("a point of low order")
    if not _is_neutral(_multiply(_L, point)):
        raise WeakKeyError("a point of mixed order")
