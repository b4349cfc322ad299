from collections.abc import Callable

import pytest

from ledger import log, merkle, note, proof
from ledger.checkpoint import Checkpoint, sign
from ledger.errors import FormatError, ProofError, SignatureError
from ledger.note import Signer
from ledger.proof import Proof
from tests import outside
from tests.ledger_lab import ORIGIN, Lab

TESSERA = outside.path("ledger/tessera-log/testdata/log")
NOTES = outside.load("ledger/extracted/signed_notes.json")


def tessera_proof(index: int, size: int) -> tuple[Proof, list[bytes]]:
    """Proof in a log of others, from its leaf hashes."""
    hashes = (TESSERA / f"tile/0/000.p/{size}").read_bytes()
    leaves = [hashes[at : at + 32] for at in range(0, len(hashes), 32)]
    path = merkle.prove_inclusion(merkle.subtree(leaves), index, size)
    signed = (TESSERA / f"checkpoint.{size}").read_bytes()
    return Proof(index, tuple(path), signed), leaves


@pytest.mark.parametrize("size", range(1, 16))
def test_proofs_in_a_log_of_others(size: int) -> None:
    vkey = next(c["vkey"] for c in NOTES if c["name"].startswith("tessera"))
    entries = (TESSERA / f"tile/entries/000.p/{size}").read_bytes()
    for index in range(size):
        length = int.from_bytes(entries[:2], "big")
        entry, entries = entries[2 : 2 + length], entries[2 + length :]
        made, leaves = tessera_proof(index, size)
        assert merkle.leaf_hash(entry) == leaves[index]
        assert proof.parse(made.format()) == made
        assert proof.verify(made, entry, note.Verifier.parse(vkey)).size == size
        with pytest.raises(ProofError):
            proof.verify(made, entry + b"!", note.Verifier.parse(vkey))


def test_extra_data_returns() -> None:
    made = Proof(0, (), (TESSERA / "checkpoint.1").read_bytes(), b"more")
    assert made.format().startswith(b"c2sp.org/tlog-proof@v1\nextra bW9yZQ==\nindex 0\n\n")
    assert proof.parse(made.format()) == made


GOOD = tessera_proof(2, 7)[0].format().decode()


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t.replace("@v1", "@v2"),
        lambda t: t.replace("index 2", "index 02"),
        lambda t: t.replace("index 2", "index +2"),
        lambda t: t.replace("index 2", "index \u0662"),
        lambda t: t.replace("index 2\n", ""),
        lambda t: t.replace("index 2", "extra AAA\nindex 2"),
        lambda t: t.replace("index 2", "index 2\nAAAA"),
        lambda t: t.replace("\n", "\r\n"),
        lambda t: t.replace("\n", "\u2028", 1),
        lambda t: t.replace("\n\n", "\n", 1),
        lambda t: t.rstrip("\n"),
        lambda t: t.replace("index 2\n", "index 2\n" + ("A" * 43 + "=\n") * 64),
        lambda t: "",
        lambda t: t.replace("\n7\n", "\n07\n"),
        lambda t: t.replace("\n7\n", "\n"),
    ],
)
def test_other_forms_are_refused(change: Callable[[str], str]) -> None:
    proof.parse(GOOD.encode())
    with pytest.raises(FormatError):
        proof.parse(change(GOOD).encode())


def test_checkpoint_of_another_log_is_refused() -> None:
    lab_signer = Signer.generate(ORIGIN)
    signed = sign(Checkpoint("other", 1, merkle.leaf_hash(b"e")), lab_signer)
    with pytest.raises(SignatureError):
        proof.verify(Proof(0, (), signed), b"e", lab_signer.verifier)


def test_the_log_proves_its_entries(lab: Lab) -> None:
    lab.add_key("s")
    lab.grow("s", 20)
    lab.integrate()
    with lab.engine.connect() as connection:
        for index in range(21):
            made = log.prove_entry(connection, lab.tiles, origin=lab.origin, index=index)
            entry = log.entry_at(connection, lab.origin, index)
            proof.verify(proof.parse(made.format()), entry, lab.signer.verifier)
