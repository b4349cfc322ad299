"""Keys and policies of the demo's own witness, a process of its own that follows one log."""

from __future__ import annotations

from pathlib import Path

from app.keyring import log_signer
from app.settings import Settings
from ledger.cosignature import (
    Cosigner,
    Ed25519Signer,
    MlDsaSigner,
    parse_cosigners,
)
from ledger.policy import Group, Log, Policy, Witness

_NAME = "witness.example/demo"


def prepare(settings: Settings, url: str) -> Path:
    """Write what the witness and the service need to know of each other; give the folder.

    The keys are made once; the policies say where each is now.
    """
    folder = settings.data_dir / "witness"
    folder.mkdir(parents=True, exist_ok=True)
    keys = log_signer(settings).verifiers
    follows = Policy(tuple(Log(key, f"{settings.base_url}/log/") for key in keys))
    (folder / "logs.policy").write_text(follows.format(), encoding="utf-8")
    asked = tuple(
        Witness(f"demo-{key.verifier.kind.hex()}", key.verifier, url)
        for key in _cosigners(folder / "key")
    )
    group = Group("demo", len(asked), tuple(witness.name for witness in asked))
    policy = Policy((), asked, (group,), group.name)
    (folder / "service.policy").write_text(policy.format(), encoding="utf-8")
    return folder


def _cosigners(file: Path) -> tuple[Cosigner, ...]:
    if not file.exists():
        made = Ed25519Signer.generate(_NAME), MlDsaSigner.generate(_NAME)
        file.touch(0o600)
        file.write_text("".join(f"{key.format()}\n" for key in made), encoding="utf-8")
    return parse_cosigners(file.read_text(encoding="utf-8"))
