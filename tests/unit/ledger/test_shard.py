"""Rotation and federation: seams hold from both sides, no member can show two histories."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ledger import checkpoint, federation, log, shard
from ledger.errors import (
    ClosedError,
    ContinuityError,
    ForkError,
    LedgerError,
    ProofError,
    SignatureError,
    StateError,
)
from ledger.keys import PrivateKey
from ledger.note import Signer
from ledger.shard import Ending
from ledger.statement import Close
from ledger.tiles import TileStore
from ledger.witness import evidence
from tests.ledger_lab import Lab, seed

NEXT = "log.example/nguon/2027"


@pytest.fixture
def next_lab(lab: Lab, tmp_path: Path) -> Iterator[Lab]:
    """The log of the next period, in the same database, with a key of its own."""
    made = Lab(lab.url, tmp_path / "next tiles", NEXT)
    made.operator = PrivateKey.from_bytes(seed("operator of the next period"))
    made.signer = Signer(NEXT, made.operator.key)
    yield made
    made.engine.dispose()


def close(lab: Lab, successor: str = NEXT) -> Ending:
    return shard.close(
        lab.engine,
        origin=lab.origin,
        successor=successor,
        signer=lab.signer,
        tiles=lab.tiles,
        now=lab.now(),
    )


def begin(lab: Lab, ended: Ending, old: Lab) -> log.Appended:
    return shard.begin(
        lab.engine,
        origin=lab.origin,
        ended=ended,
        predecessor=old.signer.verifier,
        signer=lab.signer,
        now=lab.now(),
    )


def first_of(lab: Lab) -> bytes:
    with lab.engine.connect() as connection:
        return log.entry_at(connection, lab.origin, 0)


@pytest.fixture
def ended(lab: Lab) -> Ending:
    lab.add_key("s")
    lab.append("s", b"one")
    return close(lab)


def test_a_closed_log_takes_nothing_more_and_stays_provable(lab: Lab, ended: Ending) -> None:
    with pytest.raises(ClosedError):
        lab.append("s", b"late")
    with pytest.raises(ClosedError):
        lab.add_key("t")
    assert lab.recover() == 3
    assert lab.tiles.read("checkpoint") == ended.final
    with lab.engine.connect() as connection:
        assert log.prove_entry(connection, lab.tiles, origin=lab.origin, index=1).index == 1
        assert shard.successor_of(connection, lab.origin) == NEXT
    assert lab.audit().findings == []


def test_closing_again_finishes_and_changes_nothing(lab: Lab, ended: Ending) -> None:
    assert close(lab) == ended
    with pytest.raises(ContinuityError, match="goes on"):
        close(lab, "log.example/other")


def test_closing_survives_a_crash_before_the_final_checkpoint(lab: Lab) -> None:
    lab.add_key("s")
    body = Close(NEXT)
    with lab.engine.begin() as connection:
        shard.state(connection, origin=lab.origin, body=body, signer=lab.signer, now=lab.now())
    with lab.engine.connect() as connection, pytest.raises(StateError):
        shard.ending(connection, lab.tiles, lab.origin)
    assert close(lab).final == lab.tiles.read("checkpoint")


def test_the_next_log_begins_with_the_end_of_the_last(
    lab: Lab, ended: Ending, next_lab: Lab
) -> None:
    begun = begin(next_lab, ended, lab)
    assert begun.index == 0
    again = begin(next_lab, ended, lab)
    assert (again.entry_bytes, again.replayed) == (begun.entry_bytes, True)
    with next_lab.engine.begin() as connection:
        carried = shard.carry_keys(
            connection, old=lab.origin, new=NEXT, signer=next_lab.signer, now=next_lab.now()
        )
        assert len(carried) == 1
        assert not shard.carry_keys(
            connection, old=lab.origin, new=NEXT, signer=next_lab.signer, now=next_lab.now()
        )
    next_lab.append("s", b"in the new period")
    assert next_lab.integrate().size == 3
    assert next_lab.audit().findings == []
    assert lab.audit().findings == []
    final = shard.verify_continuation(
        first_of(next_lab),
        ended,
        predecessor=lab.signer.verifier,
        successor=next_lab.signer.verifier,
    )
    assert (final.origin, final.size) == (lab.origin, 3)


def test_revoked_keys_are_not_carried_over(lab: Lab, next_lab: Lab) -> None:
    lab.add_key("s")
    lab.add_key("t")
    lab.revoke_key("s", lab.key("s").kid)
    begin(next_lab, close(lab), lab)
    with next_lab.engine.begin() as connection:
        carried = shard.carry_keys(
            connection, old=lab.origin, new=NEXT, signer=next_lab.signer, now=next_lab.now()
        )
    assert len(carried) == 1
    next_lab.append("t", b"goes on")
    with pytest.raises(LedgerError):
        next_lab.append("s", b"does not")


def test_no_log_begins_in_the_midst_or_from_what_did_not_end(
    lab: Lab, ended: Ending, next_lab: Lab, tmp_path: Path
) -> None:
    other = Signer.generate(lab.origin)
    with pytest.raises(SignatureError):
        shard.begin(
            next_lab.engine,
            origin=NEXT,
            ended=ended,
            predecessor=other.verifier,
            signer=next_lab.signer,
            now=next_lab.now(),
        )
    stranger = Lab(lab.url, tmp_path / "stranger", "log.example/stranger")
    with pytest.raises(ContinuityError, match="not closed for"):
        begin(stranger, ended, lab)
    stranger.engine.dispose()
    next_lab.add_key("s")
    with pytest.raises(ContinuityError, match="does not begin"):
        begin(next_lab, ended, lab)


def test_every_part_of_a_seam_is_checked(lab: Lab, ended: Ending, next_lab: Lab) -> None:
    begin(next_lab, ended, lab)
    first = first_of(next_lab)
    with lab.engine.connect() as connection:
        earlier = log.entry_at(connection, lab.origin, 1)
    wrong = [
        (first, replace(ended, last=earlier)),
        (first, replace(ended, path=ended.path[:-1])),
        (first, replace(ended, path=(bytes(32), *ended.path[1:]))),
        (first, replace(ended, final=ended.final.replace(b"\n3\n", b"\n2\n"))),
        (first.replace(b'"index":0', b'"index":1'), ended),
        (earlier, ended),
        (ended.last, ended),
        (first.replace(b'"kind":"log.continue"', b'"kind":"log.close"'), ended),
    ]
    for begun, end in wrong:
        with pytest.raises(LedgerError):
            verify(lab, next_lab, begun, end)
    with pytest.raises(LedgerError):
        verify(next_lab, lab, first, ended)
    assert verify(lab, next_lab, first, ended).size == 3


def verify(old: Lab, new: Lab, first: bytes, ended: Ending) -> checkpoint.Checkpoint:
    return shard.verify_continuation(
        first, ended, predecessor=old.signer.verifier, successor=new.signer.verifier
    )


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Lab]:
    made = Lab(f"sqlite:///{tmp_path / 'root.db'}", tmp_path / "root tiles", "root.example/log")
    yield made.create()
    made.engine.dispose()


@pytest.fixture
def member(sqlite_lab: Lab) -> Lab:
    sqlite_lab.add_key("s")
    sqlite_lab.grow("s", 300)
    sqlite_lab.integrate()
    return sqlite_lab


def enter(
    root: Lab,
    member: Lab,
    note: bytes | None = None,
    tiles: TileStore | None = None,
    folder: Path | None = None,
) -> log.Appended | None:
    return federation.enter(
        root.engine,
        root=root.origin,
        note=note or member.tiles.read("checkpoint"),
        member=member.signer.verifier,
        tiles=tiles or member.tiles,
        signer=root.signer,
        now=root.now(),
        folder=folder,
    )


def test_checkpoints_of_several_logs_are_entered_once_each(
    root: Lab, member: Lab, tmp_path: Path
) -> None:
    second = Lab(f"sqlite:///{tmp_path / 'second.db'}", tmp_path / "second", "second.example/log")
    second.create().add_key("s")
    second.integrate()
    for expected, one in enumerate((member, second)):
        entered = enter(root, one)
        assert entered is not None and entered.index == expected
        assert enter(root, one) is None
    member.append("s", b"more")
    member.integrate()
    entered = enter(root, member)
    assert entered is not None and entered.index == 2
    assert root.integrate().size == 3
    assert root.audit().findings == []
    with root.engine.connect() as connection:
        known = federation.last_entered(connection, root.origin, member.origin)
        assert known == member.tiles.read("checkpoint")
        assert federation.last_entered(connection, root.origin, "none.example") is None
    second.engine.dispose()


def twin(member: Lab, tmp_path: Path) -> Lab:
    """Another history under the same key: what a dishonest or cloned operator makes."""
    made = Lab(f"sqlite:///{tmp_path / 'twin.db'}", tmp_path / "twin tiles").create()
    made.add_key("s")
    made.grow("s", 299)
    made.append("s", b"another ending")
    made.integrate()
    return made


@pytest.mark.parametrize("more", [False, True])
def test_a_member_with_two_histories_is_refused_with_evidence(
    root: Lab, member: Lab, tmp_path: Path, more: bool
) -> None:
    enter(root, member)
    other = twin(member, tmp_path)
    if more:
        other.append("s", b"and more")
        other.integrate()
    folder = tmp_path / "evidence"
    with pytest.raises(ForkError, match="two histories"):
        enter(root, other, folder=folder)
    (file,) = folder.iterdir()
    shown = evidence.judge(evidence.parse(file.read_bytes()), [member.signer.verifier])
    assert shown.proven or "fork" in shown.text
    with root.engine.connect() as connection:
        assert log.log_head(connection, root.origin)[0] == 1
    other.engine.dispose()


def test_a_step_back_lost_tiles_and_strangers_are_refused(
    root: Lab, member: Lab, tmp_path: Path
) -> None:
    old = member.tiles.read("checkpoint")
    member.append("s", b"more")
    member.integrate()
    enter(root, member)
    with pytest.raises(StateError, match="before"):
        enter(root, member, note=old)
    stranger = Signer.generate(member.origin)
    with pytest.raises(SignatureError):
        enter(root, member, note=_signed(stranger))
    member.append("s", b"once more")
    member.integrate()
    copy = tmp_path / "copy"
    shutil.copytree(member.tiles.folder, copy)
    shutil.rmtree(copy / "tile" / "0")
    with pytest.raises(LedgerError):
        enter(root, member, tiles=TileStore(copy))
    damaged = tmp_path / "damaged"
    shutil.copytree(member.tiles.folder, damaged)
    (partial,) = (damaged / "tile" / "0" / "001.p").glob("47")
    partial.write_bytes(bytes(32) + partial.read_bytes()[32:])
    with pytest.raises((StateError, ProofError), match="do not lead"):
        enter(root, member, tiles=TileStore(damaged))
    assert enter(root, member) is not None


def _signed(signer: Signer) -> bytes:
    return checkpoint.sign(checkpoint.Checkpoint(signer.name, 1, bytes(32)), signer)
