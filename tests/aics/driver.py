"""Run by a Python that has aics-tlog and aics-witness: their code on our checkpoints and witness.

One JSON object on standard input, one on standard output.
"""

import json
import sys

from aics_tlog import (
    MerkleTree,
    Note,
    WitnessPolicy,
    parse_note,
    parse_vkey,
    sign_note,
    verify_checkpoint,
)
from aics_tlog.checkpoint import Checkpoint, serialise_checkpoint
from aics_witness.feeder import FeederError, WitnessClient
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def verify(asked):
    """Judge each note by one log key and a quorum of all witnesses."""
    policy = WitnessPolicy.from_dict(
        {"quorum": len(asked["witnesses"]), "witnesses": asked["witnesses"]}
    )
    judged = []
    for note in asked["notes"]:
        try:
            found = verify_checkpoint(parse_note(note), parse_vkey(asked["log"]), policy=policy)
            judged.append(bool(found.ok))
        except ValueError:
            judged.append(False)
    return judged


def _signed(key, origin, tree, size):
    text = serialise_checkpoint(Checkpoint(origin, size, tree.root(size)))
    return Note(text=text, signatures=(sign_note(text, key, origin),)).to_bytes()


def feed(asked):
    """Be a log of theirs: grow at our witness, then try a fork, a step back and a forged tree."""
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(asked["seed"]))
    origin, told = asked["origin"], []
    honest = MerkleTree(b"entry %d" % n for n in range(40))
    forked = MerkleTree(b"other %d" % n if n == 3 else b"entry %d" % n for n in range(40))
    plan = [("grow", honest, size, None) for size in (1, 5, 5, 8, 21)]
    plan += [("fork", forked, 21, 21), ("fork", forked, 30, 21), ("back", honest, 8, 8)]
    plan += [("forged", honest, 30, 21), ("grow", honest, 33, None)]
    options = {"max_attempts": 1, "max_age_seconds": None, "max_future_seconds": None}
    with WitnessClient(asked["url"], asked["witness"], **options) as client:
        for what, tree, size, old in plan:
            signed = _signed(key, origin, tree, size)
            if what == "forged":
                signed = signed.replace(b"\n30\n", b"\n31\n")
            try:
                client.submit(signed, lambda a, b, t=tree: t.consistency_proof(a, b), old_size=old)
                told.append([what, size, "cosigned"])
            except FeederError as error:
                told.append([what, size, type(error).__name__])
    return told


asked = json.load(sys.stdin)
json.dump({"verify": verify, "feed": feed}[asked["do"]](asked), sys.stdout)
