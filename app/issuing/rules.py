"""Pure decisions of issuing: what a serial and a hidden code look like, and their digests."""

from __future__ import annotations

import hashlib
import hmac
import random
from collections.abc import Iterable, Sequence
from datetime import timedelta

from gs1.epcis import canonical_json
from gs1.issuing import SERIAL_ALPHABET, random_serial

# 12 of the 20 signs hold 51 bits: enough where a few wrong codes lock the unit for a day.
HIDDEN_LENGTH = 12
HIDDEN_TRIES = 5  # wrong codes for one unit in a day
HIDDEN_GRACE = timedelta(hours=24)  # in which the same device sees its receipt again
RECEIPT_LENGTH = 10


def random_serials(rng: random.Random, count: int) -> list[str]:
    """Give ``count`` different serial numbers, AI (21), that nobody can guess."""
    found: dict[str, None] = {}
    while len(found) < count:
        found[random_serial(rng)] = None
    return list(found)


def random_hidden(rng: random.Random) -> str:
    """Give a hidden code: signs that make no words and that people do not confuse."""
    return "".join(rng.choices(SERIAL_ALPHABET, k=HIDDEN_LENGTH))


def receipt(rng: random.Random) -> str:
    """Give the number of a receipt, in two groups that can be read out on the telephone."""
    text = "".join(rng.choices(SERIAL_ALPHABET, k=RECEIPT_LENGTH))
    return f"{text[:5]}-{text[5:]}"


def repeated(values: Sequence[str]) -> list[int]:
    """Give the positions of the values that stood earlier in the list."""
    seen: set[str] = set()
    again = []
    for position, value in enumerate(values):
        if value in seen:
            again.append(position)
        seen.add(value)
    return again


def list_digest(salt: bytes, serials: Iterable[str]) -> bytes:
    """Commit to a list of serials without showing them: SHA-256(salt ‖ their canonical JSON)."""
    return hashlib.sha256(salt + canonical_json(list(serials))).digest()


def hidden_key(secret: str) -> bytes:
    """Give the key under which hidden codes are hashed, from the service's secret."""
    return hashlib.sha256(b"nguon hidden-code hash v1\0" + secret.encode()).digest()


def normal_hidden(code: str) -> str:
    """Give a hidden code as it was issued: without spaces and hyphens, in capitals."""
    return code.replace(" ", "").replace("-", "").upper()


def hidden_hash(key: bytes, gtin14: str, serial: str, code: str) -> bytes:
    """Give what is stored of a hidden code: HMAC-SHA256, bound to the unit it was issued for."""
    unit = f"{gtin14}\0{serial}\0{normal_hidden(code)}"
    return hmac.new(key, unit.encode(), hashlib.sha256).digest()
