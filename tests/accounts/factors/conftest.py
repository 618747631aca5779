"""People with a second factor, and the hands that use it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pyotp
import pytest
from flask import Flask

from resana.accounts.factors import recovery, totp
from resana.accounts.factors.models import FactorKind, SecondFactor
from resana.accounts.models import Account
from resana.core.actions import action
from resana.core.clock import now
from resana.core.database import session
from tests.conftest import PASSWORD

from .authenticator import Authenticator

HERE = "http://localhost"


@pytest.fixture(autouse=True)
def address(app: Flask) -> Iterator[None]:
    """Served under a name: browsers bind no key to a bare address."""
    settings = app.config["SETTINGS"]
    settings.base_url = HERE
    settings.__dict__.pop("address", None)
    yield
    settings.base_url = ""
    settings.__dict__.pop("address", None)


@action
def give_application(account: Account, secret: str) -> list[str]:
    """An application of which the test holds the secret, and its recovery codes."""
    session.add(
        SecondFactor(
            account_id=account.id, kind=FactorKind.TOTP, name="Téléphone", sealed_secret=totp.sealed(secret, account)
        )
    )
    session.flush()
    return recovery.renew(account)


def code_of(secret: str, steps: int = 0) -> str:
    """The code of now, or of some steps earlier or later."""
    return pyotp.TOTP(secret).generate_otp(int(now().timestamp()) // 30 + steps)


@pytest.fixture
def holder(cast: SimpleNamespace, give_passwords: Callable[..., None]) -> SimpleNamespace:
    """Inès with a password, an application and recovery codes."""
    give_passwords(cast.ines)
    secret = pyotp.random_base32(32)
    codes = give_application(cast.ines, secret)
    return SimpleNamespace(account=cast.ines, secret=secret, codes=codes)


@pytest.fixture
def key(cast: SimpleNamespace, give_passwords: Callable[..., None], sign_in: Any) -> Authenticator:
    """A key that Bruno has registered, through the pages; he has a password."""
    give_passwords(cast.bruno)
    found = Authenticator(HERE, "localhost")
    assert register(sign_in(cast.bruno), found).status_code == 201
    return found


def register(client: Any, key: Authenticator, name: str = "Ma clé") -> Any:
    """Add a key as the page's script does."""
    options = client.post("/api/v1/second-factors/challenge").json["options"]
    return client.post("/account/second-factors/passkey", data={"name": name, "answer": key.create(options)})


def password(client: Any, account: Account) -> Any:
    """The first step, by the API."""
    return client.post("/api/v1/session", json={"email": account.email, "password": PASSWORD})


def second(client: Any, **proof: str) -> Any:
    """The second step, by the API."""
    return client.post("/api/v1/session/second-factor", json=proof)
