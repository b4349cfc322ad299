import multiprocessing
import stat
from pathlib import Path

import pytest

from app.keyring import log_signer
from app.settings import Settings
from ledger.cosignature import generate_log_signer, parse_log_signer
from ledger.errors import FormatError
from ledger.note import Signer

NAME = "log.example/nguon"


def settings(folder: Path, **changes: object) -> Settings:
    return Settings(environment="test", data_dir=folder, log_origin=NAME, **changes)


def test_a_new_installation_has_both_keys_and_keeps_them(tmp_path: Path) -> None:
    made = log_signer(settings(tmp_path / "new"))
    assert [key.kind for key in made.verifiers] == [b"\x01", b"\x06"]
    assert {key.name for key in made.verifiers} == {NAME}
    file = tmp_path / "new" / "log.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(file.read_text().splitlines()) == 2
    assert log_signer(settings(tmp_path / "new")).verifiers == made.verifiers


def test_an_older_key_file_gains_the_second_key_and_keeps_the_first(tmp_path: Path) -> None:
    old = Signer.generate("older.example/log")
    (tmp_path / "log.key").write_text(f"{old.format()}\n")
    found = log_signer(settings(tmp_path))
    assert found.verifier == old.verifier
    assert found.mldsa is not None
    assert found.mldsa.name == "older.example/log"
    assert (tmp_path / "log.key").read_text().splitlines()[0] == old.format()
    assert log_signer(settings(tmp_path)).verifiers == found.verifiers


@pytest.mark.parametrize("text", ["", "PRIVATE+KEY+x\n", "\n"])
def test_a_damaged_key_file_is_neither_used_nor_replaced(tmp_path: Path, text: str) -> None:
    (tmp_path / "log.key").write_text(text)
    with pytest.raises(FormatError):
        log_signer(settings(tmp_path))
    assert (tmp_path / "log.key").read_text() == text


def _vkeys(folder: Path) -> list[str]:
    return [key.format() for key in log_signer(settings(folder)).verifiers]


@pytest.mark.parametrize("old", [False, True], ids=["new", "older file"])
def test_processes_that_start_at_once_get_the_same_keys(tmp_path: Path, old: bool) -> None:
    if old:
        (tmp_path / "log.key").write_text(f"{Signer.generate(NAME).format()}\n")
    with multiprocessing.get_context("forkserver").Pool(4) as pool:
        found = pool.map(_vkeys, [tmp_path] * 12, chunksize=1)
    assert all(vkeys == found[0] for vkeys in found)
    assert len(found[0]) == 2


def test_keys_from_the_settings_may_be_one_or_two_lines(tmp_path: Path) -> None:
    both = generate_log_signer(NAME)
    found = log_signer(settings(tmp_path, log_key=both.format()))
    assert found.verifiers == both.verifiers
    one = log_signer(settings(tmp_path, log_key=both.ed25519.format()))
    assert one.verifiers == (both.verifier,)
    assert list(tmp_path.iterdir()) == []


def test_production_needs_its_keys_set(tmp_path: Path) -> None:
    production = Settings(
        environment="production",
        secret_key="k" * 40,
        base_url="https://a.example",
        witness_policy="quorum none",
        data_dir=tmp_path,
    )
    with pytest.raises(ValueError, match="NGUON_LOG_KEY"):
        log_signer(production)


def test_the_file_is_read_by_the_library_alone(tmp_path: Path) -> None:
    made = log_signer(settings(tmp_path))
    assert parse_log_signer((tmp_path / "log.key").read_text()).verifiers == made.verifiers
