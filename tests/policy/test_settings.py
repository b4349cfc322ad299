"""Policy: every setting is documented, and production refuses what is unsafe."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from app.commands import settings_table
from app.settings import Settings

DOCS = Path(__file__).parents[2] / "docs" / "settings.md"
SAFE = {
    "environment": "production",
    "secret_key": "k" * 40,
    "base_url": "https://nguon.example",
    "witness_policy": "quorum none",
}


def test_the_table_in_the_docs_is_the_generated_one() -> None:
    assert settings_table() in DOCS.read_text(encoding="utf-8")


def test_every_setting_has_a_description() -> None:
    assert all(field.description for field in Settings.model_fields.values())


def test_production_starts_with_safe_settings() -> None:
    assert Settings(**SAFE).environment == "production"


@pytest.mark.parametrize(
    "unsafe",
    [
        {"secret_key": "short"},
        {"secret_key": Settings.model_fields["secret_key"].default.get_secret_value()},
        {"base_url": "http://nguon.example"},
        {"witness_policy": None},
    ],
)
def test_production_refuses_unsafe_settings(unsafe: dict[str, str | None]) -> None:
    with pytest.raises(ValidationError, match="production"):
        Settings(**{**SAFE, **unsafe})


def test_a_secret_can_come_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "secret"
    file.write_text("from the file, long enough for everybody\n", encoding="utf-8")
    monkeypatch.setenv("NGUON_SECRET_KEY_FILE", str(file))
    settings = Settings()
    assert settings.secret_key.get_secret_value() == "from the file, long enough for everybody"
    assert "from the file" not in repr(settings)


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Settings().demo = True


def test_an_error_does_not_show_a_secret() -> None:
    with pytest.raises(ValidationError) as refused:
        Settings(**{**SAFE, "base_url": "http://nguon.example"})
    assert SAFE["secret_key"] not in str(refused.value)
    assert "kkkk" not in str(refused.value)
