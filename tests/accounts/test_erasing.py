"""Erasing a person: who they were is forgotten everywhere, what they did stays."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import String, Text, inspect, select

from resana.accounts import life, tokens
from resana.accounts.erasing import erase
from resana.accounts.models import AccessToken, Account, AccountStatus, SignInSession
from resana.core import jobs
from resana.core.database import Base, session
from resana.core.errors import NotAllowed, NotThere
from resana.core.storage import draft_of
from resana.discussions import actions as threads
from resana.discussions.models import Message
from resana.documents.models import Document
from resana.documents.writing import deposit
from resana.permissions import Can, can
from resana.spaces import grants
from resana.spaces.models import PrincipalKind

SignIn = Callable[[Account], Any]


def test_only_a_deactivated_account_is_erased_and_by_its_administrators(cast: SimpleNamespace) -> None:
    with pytest.raises(NotAllowed):
        erase(cast.bruno, by=cast.rose)
    life.suspend(cast.bruno, by=cast.rose)
    with pytest.raises(NotAllowed):
        erase(cast.bruno, by=cast.rose)
    life.deactivate(cast.bruno, by=cast.rose)
    for stranger in (cast.adam, cast.petra, cast.ines):
        with pytest.raises(NotThere):
            erase(cast.bruno, by=stranger)
    erase(cast.bruno, by=cast.rose)
    with pytest.raises(NotThere):
        erase(cast.bruno, by=cast.rose)
    for verb in (life.reactivate, life.suspend):
        with pytest.raises(NotThere):
            verb(cast.bruno, by=cast.rose)


def test_no_document_is_lost_and_no_trace_of_the_person_is_left(sign_in: SignIn, cast: SimpleNamespace) -> None:
    sign_in(cast.bruno)
    tokens.make(cast.bruno, name="Relevés", scope=tokens.TokenScope.READ)
    with draft_of(b"mesures") as draft:
        document = deposit(cast.space, None, "relevé.txt", draft, by=cast.bruno)
    thread = threads.create(cast.space, "Débits", by=cast.bruno, body="Vu ce matin.")
    before = (len(session.execute(select(Document)).all()), len(session.execute(select(Message)).all()))
    life.deactivate(cast.bruno, by=cast.rose)
    erase(cast.bruno, by=cast.rose)
    jobs.drain()
    session.expire_all()
    assert (cast.bruno.status, cast.bruno.password_hash) == (AccountStatus.ERASED, None)
    assert (len(session.execute(select(Document)).all()), len(session.execute(select(Message)).all())) == before
    for model in (SignInSession, AccessToken):
        owned = select(model).where(model.account_id == cast.bruno.id)
        assert session.execute(owned).first() is None
    assert grants.grant_of(cast.space, PrincipalKind.ACCOUNT, cast.bruno.id) is None
    for table in Base.metadata.sorted_tables:
        if table.name == "kept_mails":  # of the development setting alone
            continue
        texts = [column for column in table.columns if isinstance(column.type, String | Text)]
        for row in session.execute(select(*texts)) if texts else []:
            assert not any("castaing" in str(value).lower() or "bruno" in str(value).lower() for value in row), table
    ines = sign_in(cast.ines)
    for path in (f"/documents/{document.public_id}", f"/threads/{thread.public_id}"):
        page = ines.get(path)
        assert page.status_code == 200
        assert "Compte effacé" in page.text
        assert f"/people/{cast.bruno.public_id}" not in page.text
    assert ines.get(f"/people/{cast.bruno.public_id}").status_code == 404
    assert not can(cast.rose, Can.ADMINISTER_ACCOUNT, cast.bruno)
    assert inspect(cast.bruno).persistent


def test_the_page_offers_it_once_the_account_is_deactivated(sign_in: SignIn, cast: SimpleNamespace) -> None:
    rose, path = sign_in(cast.rose), f"/administration/accounts/{cast.bruno.public_id}"
    assert "Effacer la personne" not in rose.get(path).text
    assert rose.post(f"{path}/erasure").status_code == 403
    assert rose.post(f"{path}/deactivation").status_code == 303
    assert "Effacer la personne" in rose.get(path).text
    assert rose.post(f"{path}/erasure").status_code == 303
    assert rose.get(path).status_code == 404
    assert "Castaing" not in rose.get("/administration/accounts").text
