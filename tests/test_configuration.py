"""What production refuses, and what the README says of the settings."""

from __future__ import annotations

import runpy
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from gunicorn.config import Config
from pydantic import ValidationError

from config import Settings, settings_table

SOUND: dict[str, Any] = {
    "env": "production",
    "secret_key": "0123456789abcdefghijklmnopqrstuvwxyz",
    "base_url": "https://resana.example",
}


def test_production_starts_with_sound_settings() -> None:
    assert Settings(**SOUND).production


@pytest.mark.parametrize(
    "unsound",
    [
        {"secret_key": ""},
        {"secret_key": "changeme"},
        {"secret_key": "short but not default"},
        {"debug": True},
        {"base_url": "http://resana.example"},
        {"base_url": ""},
        {"secret_key": "a" * 40},
        {"secret_key": "changeme" * 4},
        {"base_url": "https://"},
        {"base_url": "https://agent@resana.example"},
        {"base_url": "https://resana.example/x?y"},
        {"smtp_url": "foo://mail.example"},
        {"smtp_url": "smtp://"},
        {"mail_from": "x\nBcc: y@z.example"},
        {"mail_from": "nobody"},
    ],
)
def test_production_refuses_what_it_may_not_have(unsound: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Settings(**SOUND | unsound)


def test_a_refusal_does_not_print_what_was_set() -> None:
    with pytest.raises(ValidationError) as refused:
        Settings(**SOUND | {"base_url": "", "smtp_url": "smtp://resana:s3cr3t@mail.example"})
    assert "s3cr3t" not in str(refused.value)


def test_the_secret_of_development_is_made_once(tmp_path: Path) -> None:
    first = Settings(data=tmp_path).secret
    assert len(first) >= 32
    assert Settings(data=tmp_path).secret == first
    assert (tmp_path / "secret").stat().st_mode & 0o077 == 0


def test_the_readme_tells_every_setting_as_it_is() -> None:
    readme = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
    assert settings_table() in readme


def test_the_access_log_keeps_no_link_that_chooses_a_password() -> None:
    logger = runpy.run_path(str(Path(__file__).parent.parent / "gunicorn.conf.py"))["logger_class"](Config())
    path = "/password/s3cr3t-of-the-link"
    environ = {
        "REQUEST_METHOD": "GET",
        "RAW_URI": f"{path}?a=b",
        "PATH_INFO": path,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_REFERER": f"https://resana.example{path}",
    }
    answer = SimpleNamespace(status="200 OK", sent=1, headers=[])
    said = logger.atoms(answer, SimpleNamespace(headers=[("REFERER", path)]), environ, timedelta(0))
    assert "s3cr3t" not in str(said)
    assert said["r"] == "GET /password/…?a=b HTTP/1.1"
    assert logger._LINK.sub("", "/password/forgotten") == "/password/forgotten"
