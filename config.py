"""Every setting of Resana, in one class: read from the environment (`RESANA_…`), checked once, at start."""

from __future__ import annotations

import os
import re
import secrets
from functools import cached_property
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

SHORTEST_SECRET = 32
LEAST_VARIETY = 12
"""Different characters in a secret: random ones of that length have more, "changeme" four times does not."""


class Settings(BaseSettings):
    """What an operator may set. The table in README.md says the same in words; a test compares the two."""

    model_config = SettingsConfigDict(env_prefix="RESANA_", extra="ignore", hide_input_in_errors=True)

    env: Literal["development", "production"] = Field("development", description="Setting the product runs in.")
    port: int = Field(8000, ge=1, le=65535, description="Port that `make run` serves on.")
    data: Path = Field(Path("var"), description="Folder for the embedded database, the objects and the secrets.")
    database_url: str = Field("", description="PostgreSQL (`postgresql://…`); empty: SQLite in the data folder.")
    redis_url: str = Field(
        "",
        description="Redis by which processes wake each other's live pages; empty: they look every 250 ms.",
    )
    storage_url: str = Field("", description="Where objects lie (`s3://bucket/prefix`); empty: the data folder.")
    base_url: str = Field("", description="Public address; links in mails are built from it. https in production.")
    secret_key: str = Field("", description="Signs cookies, tickets and links; empty in development: made once.")
    debug: bool = Field(False, description="Flask's debugger; refused in production.")
    worker: Literal["inline", "separate"] = Field(
        "inline", description="`inline`: the web process drains the outbox; `separate`: `flask worker` does."
    )
    proxy_hops: int = Field(0, ge=0, le=5, description="Number of trusted proxies in front.")
    live_sockets: int = Field(900, ge=1, description="Open pages that may listen live; beyond, pages poll.")
    smtp_url: str = Field(
        "", description="`smtp://user:password@host:port` or `smtps://…`; empty: mails are only kept."
    )
    mail_from: str = Field("Resana <ne-pas-repondre@resana.example>", description="Sender of mails.")
    session_idle_minutes: int = Field(120, ge=5, description="A session ends after so many idle minutes.")
    session_hours: int = Field(12, ge=1, description="A session ends after so many hours in any case.")
    audit_months: int = Field(12, ge=1, le=120, description="Months that the journal is kept.")
    upload_max_bytes: int = Field(5 * 1024**3, ge=1, description="Largest file, in bytes.")
    operator_name: str = Field("Direction exploitante (à compléter)", description="Who publishes the service.")
    operator_address: str = Field("Adresse à compléter", description="Postal address of the publisher.")
    operator_contact_email: str = Field("contact@resana.example", description="Address for questions.")
    operator_publisher: str = Field("Nom à compléter", description="Director of publication.")
    operator_host: str = Field("Hébergeur à compléter", description="Who hosts the service.")

    @model_validator(mode="after")
    def refuse_what_production_may_not_have(self) -> Settings:
        """Raise ValueError where production would run with a weak secret, a debugger or an address without TLS."""
        if self.env != "production":
            return self
        if len(self.secret_key.strip()) < SHORTEST_SECRET or len(set(self.secret_key)) < LEAST_VARIETY:
            raise ValueError(f"RESANA_SECRET_KEY must be set, of at least {SHORTEST_SECRET} random characters.")
        if self.debug or os.environ.get("FLASK_DEBUG", "0") not in ("", "0", "false", "False"):
            raise ValueError("RESANA_DEBUG and FLASK_DEBUG must be off in production.")
        if not re.fullmatch(r"https://[^\s/@?#\\]+/?", self.base_url):
            raise ValueError("RESANA_BASE_URL must be https://<host> in production, and nothing behind it.")
        smtp = urlsplit(self.smtp_url)
        if self.smtp_url and not (smtp.scheme in ("smtp", "smtps") and smtp.hostname):
            raise ValueError("RESANA_SMTP_URL must be an smtp:// or smtps:// address.")
        if not self.mail_from.isprintable() or "@" not in self.mail_from:
            raise ValueError("RESANA_MAIL_FROM must be one address.")
        return self

    @property
    def production(self) -> bool:
        """Whether this is production."""
        return self.env == "production"

    @cached_property
    def database(self) -> str:
        """The database's URL, in SQLAlchemy's words."""
        if not self.database_url:
            return f"sqlite:///{self.data.resolve() / 'resana.sqlite3'}"
        return self.database_url.replace("postgres://", "postgresql://", 1)

    @cached_property
    def address(self) -> str:
        """The public address, without a slash at its end."""
        return (self.base_url or f"http://127.0.0.1:{self.port}").rstrip("/")

    @cached_property
    def secret(self) -> str:
        """The secret key; in development, one that is made at first need and kept in the data folder."""
        if self.secret_key:
            return self.secret_key
        file = self.data / "secret"
        self.data.mkdir(parents=True, exist_ok=True)
        try:
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return file.read_text().strip()
        with os.fdopen(descriptor, "w") as out:
            out.write(secrets.token_urlsafe(48))
        return file.read_text().strip()

    def as_flask(self) -> dict[str, object]:
        """The same, in Flask's words: `app.config.from_mapping(settings.as_flask())`."""
        own = {name.upper(): getattr(self, name) for name in type(self).model_fields}
        return own | {
            "SETTINGS": self,
            "SECRET_KEY": self.secret,
            "DEBUG": self.debug,
            "SESSION_COOKIE_NAME": "__Host-resana_csrf" if self.production else "resana_csrf",
            "SESSION_COOKIE_SECURE": self.production,
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            "WTF_CSRF_CHECK_DEFAULT": False,
            "WTF_CSRF_TIME_LIMIT": None,
            "WTF_CSRF_SSL_STRICT": False,
            "WTF_CSRF_HEADERS": ["X-CSRF-Token"],
            "BABEL_DEFAULT_LOCALE": "fr",
            "BABEL_DEFAULT_TIMEZONE": "Europe/Paris",
            "BABEL_TRANSLATION_DIRECTORIES": str(Path(__file__).parent / "translations"),
            "MAX_CONTENT_LENGTH": None,
            "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
            "MAX_FORM_PARTS": 1000,
        }


def settings_table() -> str:
    """All settings as the Markdown table that stands in README.md."""
    lines = ["| variable | default | what it is |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = "" if field.default == "" else f"`{field.default}`"
        lines.append(f"| `RESANA_{name.upper()}` | {default} | {field.description} |")
    return "\n".join(lines)
