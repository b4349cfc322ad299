"""A bundle under every kind of key there is: ES256 party, two log keys, three witnesses."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from ledger import bundle, cosignature, log, note
from ledger.keys import ES256, PrivateKey
from tests.ledger_lab import NOW, Lab, seed

POLICY = """# One log with two keys; two of three witnesses.
log {log}
log {mldsa}
witness one {one} https://one.example/
witness\ttwo {two}
witness three {three}
group some 2 one two three
quorum some
"""

WITHOUT_MLDSA = """log {log}
witness one {one}
witness two {two}
group some 2 one two
quorum some
"""


@dataclass
class Cosigned:
    """Lab, bundle without cosignatures, the log's ML-DSA signer, and the witnesses."""

    lab: Lab
    plain: dict[str, object]
    mldsa: cosignature.MlDsaSigner
    witnesses: dict[str, cosignature.Cosigner]

    @property
    def keys(self) -> list[str]:
        """Verifier keys of the log."""
        return [self.lab.vkey, self.mldsa.verifier.format()]

    @property
    def policy(self) -> str:
        """Trust in the log and two of three witnesses."""
        log_key, mldsa = self.keys
        named = {name: signer.verifier.format() for name, signer in self.witnesses.items()}
        return POLICY.format(log=log_key, mldsa=mldsa, **named)

    @property
    def policy_without_mldsa(self) -> str:
        """The same trust for a reader who cannot check ML-DSA: both other witnesses must sign."""
        named = {name: self.witnesses[name].verifier.format() for name in ("one", "two")}
        return WITHOUT_MLDSA.format(log=self.keys[0], **named)

    def bundle(self, *names: str, mldsa: bool = True) -> bytes:
        """The bundle, its checkpoint cosigned by these witnesses."""
        head, _, text = str(self.plain["proof"]).partition("\n\n")
        signed = note.parse(text.encode())
        signers: list[cosignature.Cosigner] = [self.mldsa] if mldsa else []
        lines = [
            one.cosign(signed.text, NOW)
            for one in (*signers, *(self.witnesses[name] for name in names))
        ]
        cosigned = note.Note(signed.text, (*signed.signatures, *lines)).format().decode()
        return bundle.dump({**self.plain, "proof": f"{head}\n\n{cosigned}"})


def named(name: str) -> tuple[str, str]:
    """A vkey and a signature line under this name, which may be one that no key can have."""
    public = Ed25519PrivateKey.from_private_bytes(seed("named")).public_key().public_bytes_raw()
    key_id = hashlib.sha256(name.encode() + b"\n\x01" + public).digest()[:4]
    vkey = f"{name}+{key_id.hex()}+{base64.b64encode(bytes([1]) + public).decode()}"
    return vkey, f"\N{EM DASH} {name} {base64.b64encode(key_id + bytes(64)).decode()}"


def make(folder: Path) -> Cosigned:
    """A log of 300 entries; entry 2 of an ES256 key's party."""
    lab = Lab(f"sqlite:///{folder / 'log.db'}", folder / "tiles").create()
    lab.keys["s"] = PrivateKey.from_bytes(seed("es256"), ES256)
    lab.add_key("s")
    lab.add_key("t")
    lab.append("s", "cà phê".encode(), b"two", b"three")
    lab.grow("t", 297)
    lab.integrate()
    with lab.engine.connect() as connection:
        plain = log.make_bundle(connection, lab.tiles, origin=lab.origin, index=2, position=0)
    witnesses: dict[str, cosignature.Cosigner] = {
        name: cosignature.Ed25519Signer(
            f"{name}.example/w", Ed25519PrivateKey.from_private_bytes(seed(name))
        )
        for name in ("one", "two")
    }
    witnesses["three"] = cosignature.MlDsaSigner(
        "three.example/w", MLDSA44PrivateKey.from_seed_bytes(seed("three"))
    )
    mldsa = cosignature.MlDsaSigner(lab.origin, MLDSA44PrivateKey.from_seed_bytes(seed("pq")))
    return Cosigned(lab, plain, mldsa, witnesses)
