"""What the journal is told, and when."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from resana.accounts import actions
from resana.acts import Act
from resana.core import acts
from resana.core.actions import action
from resana.core.acts import Told, tell
from resana.core.errors import Conflict


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Told]:
    heard: list[Told] = []
    monkeypatch.setattr(acts, "_listeners", [heard.append])
    return heard


def test_who_did_what_to_whom_is_told_once(cast: SimpleNamespace, told: list[Told]) -> None:
    actions.suspend(cast.bruno, by=cast.rose)
    with pytest.raises(Conflict):
        actions.suspend(cast.bruno, by=cast.rose)
    (one,) = told
    assert (one.act, one.by_id, one.of_kind, one.of_id) == (
        Act.ACCOUNT_SUSPENDED,
        cast.rose.id,
        "account",
        cast.bruno.id,
    )
    assert one.administration_id == cast.bruno.home_administration_id


def test_a_move_is_told_in_both_administrations(cast: SimpleNamespace, told: list[Told]) -> None:
    actions.change(cast.bruno, administration=cast.at.dreal, by=cast.rose)
    assert [(one.act, one.administration_id) for one in told] == [
        (Act.ACCOUNT_MOVED, cast.at.prefecture.id),
        (Act.ACCOUNT_MOVED, cast.at.dreal.id),
    ]


def test_an_edit_names_the_fields_and_not_the_words(cast: SimpleNamespace, told: list[Told]) -> None:
    actions.change(cast.bruno, first_name="Brunehilde", job_title=cast.bruno.job_title, by=cast.rose)
    assert [(one.act, one.facts) for one in told] == [(Act.ACCOUNT_EDITED, {"fields": ["first_name"]})]


def test_what_is_rolled_back_was_never_told(cast: SimpleNamespace, told: list[Told]) -> None:
    @action
    def fail() -> None:
        actions.suspend(cast.bruno, by=cast.rose)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert told == []


def test_an_act_belongs_to_an_action(cast: SimpleNamespace) -> None:
    with pytest.raises(RuntimeError):
        tell(Act.ACCOUNT_SUSPENDED, by=cast.rose, of=cast.bruno)
