"""Changing administration in two steps: what is kept, what ends, and who may say so."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select, update

from resana.accounts import life
from resana.accounts.life_models import Delegation
from resana.accounts.models import Account, AdminScope
from resana.core import acts, jobs
from resana.core.clock import now
from resana.core.database import session
from resana.core.errors import Conflict, NotAllowed, NotThere, Refused
from resana.core.mail import KeptMail
from resana.permissions import Can, can, role_in
from resana.spaces import actions, grants, transfers
from resana.spaces.models import PrincipalKind, Role, Space, SpaceState
from resana.spaces.transfer_models import Transfer, TransferState
from resana.spaces.transfer_sheets import sheet_of

SignIn = Callable[[Account], Any]


@pytest.fixture
def proposed(cast: SimpleNamespace) -> Transfer:
    """Marc, moderator of the DREAL's space, is proposed to the rectorat."""
    return transfers.propose(cast.marc, cast.at.rectorat, reason="Mutation", by=cast.adam)


def state_of(transfer: Transfer) -> str:
    session.rollback()
    return session.execute(select(Transfer.state).where(Transfer.id == transfer.id)).scalar_one()


def has_grant(cast: SimpleNamespace, account: Account) -> bool:
    return grants.grant_of(cast.space, PrincipalKind.ACCOUNT, account.id) is not None


def test_a_proposal_changes_nothing_until_the_other_side_accepts(cast: SimpleNamespace, proposed: Transfer) -> None:
    assert can(cast.marc, Can.INVITE_AGENT, cast.space)
    assert cast.marc.home_administration_id == cast.at.dreal.id
    epoch = cast.marc.access_epoch
    transfers.accept(proposed, by=cast.rejane)
    session.refresh(cast.marc)
    assert cast.marc.home_administration_id == cast.at.rectorat.id
    assert cast.marc.access_epoch == epoch + 1
    assert state_of(proposed) == TransferState.ACCEPTED
    assert not has_grant(cast, cast.marc)
    assert role_in(cast.marc, cast.space) is None, "neither by the DREAL any more, nor in person"


def test_at_the_commit_access_is_what_the_new_home_gives(cast: SimpleNamespace) -> None:
    theirs = actions.create(title="Au rectorat", by=cast.rejane)
    grants.bring_in(theirs, cast.at.rectorat, Role.CONTRIBUTOR, by=cast.rejane, their_role=Role.LEAD)
    grants.bring_in(theirs, cast.lucie, Role.READER, by=cast.rejane, their_role=Role.LEAD)
    assert role_in(cast.lucie, cast.space) == Role.READER
    transfers.accept(transfers.propose(cast.lucie, cast.at.rectorat, by=cast.adam), by=cast.rejane)
    assert role_in(cast.lucie, cast.space) is None
    assert role_in(cast.lucie, theirs) == Role.CONTRIBUTOR


def test_a_lead_keeps_who_leaves(sign_in: SignIn, cast: SimpleNamespace, proposed: Transfer) -> None:
    page = f"/spaces/{cast.space.public_id}/members"
    ines = sign_in(cast.ines)
    assert "Conserver son rôle" in ines.get(page).text
    assert "Sur le départ" not in sign_in(cast.marc).get(page).text
    form = {"transfer": proposed.public_id, "kept": "yes"}
    assert sign_in(cast.marc).post(f"{page}/kept", data=form).status_code == 403
    assert sign_in(cast.rejane).post(f"{page}/kept", data=form).status_code == 404
    assert ines.post(f"{page}/kept", data=form | {"transfer": "nothing"}).status_code == 404
    assert ines.post(f"{page}/kept", data=form).status_code == 303
    assert "Garde son rôle" in ines.get(page).text
    sheet = sheet_of(cast.marc, cast.at.rectorat, by=cast.adam, transfer=proposed)
    assert ([one.title for one in sheet.kept.named], len(sheet.removed)) == ([cast.space.title], 0)
    transfers.accept(proposed, by=cast.rejane)
    assert role_in(cast.marc, cast.space) == Role.MODERATOR
    assert ines.post(f"{page}/kept", data=form).status_code == 404


def test_the_sheet_says_what_becomes_of_everything(cast: SimpleNamespace) -> None:
    theirs = actions.create(title="Au rectorat", by=cast.rejane)
    grants.bring_in(theirs, cast.at.rectorat, Role.READER, by=cast.rejane, their_role=Role.LEAD)
    other = actions.create(title="À la préfecture", by=cast.rose)
    grants.bring_in(other, cast.ines, Role.READER, by=cast.rose, their_role=Role.LEAD)
    sheet = sheet_of(cast.ines, cast.at.rectorat, by=cast.adam)
    assert [one.title for one in sheet.removed.named] == [cast.space.title]
    assert [one.title for one in sheet.orphaned.named] == [cast.space.title]
    assert [one.title for one in sheet.lost.named] == [cast.space.title]
    assert (sheet.gained.named, sheet.gained.others) == ([], 1), "no title of a space that is not the reader's"
    assert sheet.elsewhere == 1
    assert [one.title for one in sheet_of(cast.ines, cast.at.rectorat, by=cast.rose).gained.named] == ["Au rectorat"]
    assert [one.id for one in sheet_of(cast.adam, cast.at.rectorat, by=cast.rose).scopes] == [cast.at.dreal.id]


def test_a_sheet_asks_the_same_number_of_times_however_much_there_is(
    cast: SimpleNamespace, statements: Callable[[], Any]
) -> None:
    counted = []
    for _turn in range(2):
        for number in range(5):
            actions.create(title=f"Espace {number}", by=cast.ines)
        with statements() as seen:
            sheet_of(cast.ines, cast.at.rectorat, by=cast.adam)
        counted.append(len(seen))
    assert counted[0] == counted[1] <= 12


def test_the_only_lead_who_moves_leaves_a_space_that_waits(cast: SimpleNamespace) -> None:
    life.move(cast.ines, cast.at.rectorat, by=cast.rose, seen=cast.at.dreal)
    session.refresh(cast.space)
    assert cast.space.state == SpaceState.SEQUESTERED


def test_who_goes_to_a_service_below_has_not_left(cast: SimpleNamespace) -> None:
    life.move(cast.marc, cast.at.dreal_limoges, by=cast.adam, seen=cast.at.dreal)
    assert role_in(cast.marc, cast.space) == Role.MODERATOR


def test_scopes_and_delegations_below_the_former_home_end(cast: SimpleNamespace) -> None:
    moment = now()
    for place in (cast.at.dreal_limoges, cast.at.prefecture):
        session.add(
            Delegation(
                account_id=cast.adam.id,
                administration_id=place.id,
                starts_at=moment - timedelta(days=1),
                ends_at=moment + timedelta(days=9),
                reason="",
            )
        )
    session.commit()
    life.move(cast.adam, cast.at.rectorat, by=cast.rose, seen=cast.at.dreal)
    assert session.execute(select(AdminScope).where(AdminScope.account_id == cast.adam.id)).first() is None
    running = select(Delegation.administration_id).where(Delegation.ends_at > now())
    assert session.execute(running).scalars().all() == [cast.at.prefecture.id]


def test_who_may_propose_answer_and_take_back(cast: SimpleNamespace, proposed: Transfer) -> None:
    with pytest.raises(NotThere):
        transfers.propose(cast.olga, cast.at.dreal, by=cast.adam)
    with pytest.raises(Conflict):
        transfers.propose(cast.marc, cast.at.prefecture, by=cast.rose)
    for stranger in (cast.olga, cast.ines, cast.marc, cast.petra):
        with pytest.raises(NotThere):
            transfers.accept(proposed, by=stranger)
    with pytest.raises(NotAllowed):
        transfers.accept(proposed, by=cast.adam)
    with pytest.raises(NotAllowed):
        transfers.withdraw(proposed, by=cast.rejane)
    with pytest.raises(Refused):
        transfers.refuse(proposed, answer=" ", by=cast.rejane)
    transfers.refuse(proposed, answer="Pas de poste.", by=cast.rejane)
    for late in (transfers.accept, transfers.withdraw):
        with pytest.raises(Conflict):
            late(proposed, by=cast.rose)
    assert has_grant(cast, cast.marc)
    again = transfers.propose(cast.marc, cast.at.prefecture, by=cast.adam)
    transfers.withdraw(again, by=cast.adam)
    assert state_of(again) == TransferState.WITHDRAWN


def test_nobody_accepts_themselves(cast: SimpleNamespace) -> None:
    session.add(AdminScope(account_id=cast.lucie.id, administration_id=cast.at.rectorat.id))
    session.commit()
    waiting = transfers.propose(cast.lucie, cast.at.rectorat, by=cast.rose)
    with pytest.raises(NotThere):
        transfers.accept(waiting, by=cast.lucie)


@pytest.mark.parametrize("why", ["proposer", "time", "moved", "closed"])
def test_a_proposal_that_no_longer_holds_moves_nobody(cast: SimpleNamespace, proposed: Transfer, why: str) -> None:
    if why == "proposer":
        session.execute(delete(AdminScope).where(AdminScope.account_id == cast.adam.id))
        session.commit()
    elif why == "time":
        session.execute(update(Transfer).values(expires_at=now()))
        session.commit()
    elif why == "moved":
        life.move(cast.marc, cast.at.prefecture, by=cast.rose, seen=cast.at.dreal)
    else:
        life.deactivate(cast.marc, by=cast.adam)
    with pytest.raises(Conflict):
        transfers.accept(proposed, by=cast.rejane)
    session.refresh(cast.marc)
    assert cast.marc.home_administration_id != cast.at.rectorat.id


def test_of_two_answers_at_once_one_counts(app: Flask, cast: SimpleNamespace, proposed: Transfer) -> None:
    one, by = proposed.id, cast.rejane.id
    session.rollback()
    start, outcomes = threading.Barrier(2), []

    def do(accepts: bool) -> None:
        with app.app_context():
            transfer, rejane = session.get_one(Transfer, one), session.get_one(Account, by)
            start.wait()
            try:
                if accepts:
                    transfers.accept(transfer, by=rejane)
                else:
                    transfers.refuse(transfer, answer="Non", by=rejane)
                outcomes.append("done")
            except Conflict:
                outcomes.append("conflict")
            finally:
                session.remove()

    threads = [threading.Thread(target=do, args=(accepts,)) for accepts in (True, False)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["conflict", "done"]
    moved = session.execute(select(Account.home_administration_id).where(Account.id == cast.marc.id)).scalar_one()
    assert (moved == cast.at.rectorat.id) == (state_of(proposed) == TransferState.ACCEPTED)


def test_the_pages_lead_from_the_search_to_the_answer(sign_in: SignIn, cast: SimpleNamespace) -> None:
    told: list[Any] = []
    adam, rejane = sign_in(cast.adam), sign_in(cast.rejane)
    path = f"/administration/accounts/{cast.marc.public_id}/transfer"
    assert "Rectorat de Limoges" in adam.get(f"{path}?q=rectorat").text
    place = cast.at.rectorat.public_id
    sheet = adam.get(f"{path}?to={place}").text
    assert cast.space.title in sheet
    assert "Déplacer maintenant" not in sheet
    form = {"from": cast.at.dreal.public_id, "to": place, "do": "move"}
    assert adam.post(path, data=form).status_code == 404, "the rectorat is not Adam's"
    acts.listen(listener := lambda one: told.append((one.act, one.administration_id)))
    try:
        assert adam.post(path, data=form | {"do": "propose", "reason": "Mutation"}).status_code == 303
    finally:
        acts._listeners.remove(listener)
    assert told == [("transfer_proposed", cast.at.dreal.id), ("transfer_proposed", cast.at.rectorat.id)]
    assert adam.post(path, data=form | {"do": "propose"}).status_code == 409
    jobs.drain()
    to = set(session.execute(select(KeptMail.recipient)).scalars())
    assert to == {cast.rejane.email, cast.marc.email, cast.ines.email}
    assert "Marc Leroux" in adam.get("/administration/transfers").text
    listed = rejane.get("/administration/transfers").text
    assert "Attendent votre réponse" in listed
    one = f"/administration/transfers/{session.execute(select(Transfer.public_id)).scalar_one()}"
    assert "Accepter cette personne" in rejane.get(one).text
    assert "Retirer la proposition" in adam.get(one).text
    assert sign_in(cast.ines).get(one).status_code == 404
    assert rejane.post(f"{one}/refusal").status_code == 422
    assert rejane.post(f"{one}/acceptance").status_code == 303
    session.refresh(cast.marc)
    assert cast.marc.home_administration_id == cast.at.rectorat.id
    assert rejane.post(f"{one}/refusal", data={"answer": "Trop tard"}).status_code == 303
    assert "n’attend plus de réponse" in rejane.get("/administration/transfers").text


def test_who_administers_both_moves_in_one_step(sign_in: SignIn, cast: SimpleNamespace) -> None:
    rose, place = sign_in(cast.rose), cast.at.rectorat.public_id
    edit = f"/administration/accounts/{cast.marc.public_id}"
    form = {"first_name": "Marc", "last_name": "Leroux", "administration_id": place}
    answer = rose.post(edit, data=form)
    assert answer.status_code == 303
    assert "Déplacer maintenant" in rose.get(answer.location).text
    session.refresh(cast.marc)
    assert cast.marc.home_administration_id == cast.at.dreal.id, "nothing happens before it was confirmed"
    move = {"from": cast.at.dreal.public_id, "to": place, "do": "move"}
    assert rose.post(f"{edit}/transfer", data=move).status_code == 303
    session.refresh(cast.marc)
    assert cast.marc.home_administration_id == cast.at.rectorat.id
    late = rose.post(f"{edit}/transfer", data=move | {"to": cast.at.prefecture.public_id})
    assert late.status_code == 409
    assert "appartient maintenant à" in late.text


def test_a_space_of_elsewhere_is_not_touched(cast: SimpleNamespace) -> None:
    other = actions.create(title="Région", by=cast.rose)
    grants.bring_in(other, cast.marc, Role.CONTRIBUTOR, by=cast.rose, their_role=Role.LEAD)
    life.move(cast.marc, cast.at.rectorat, by=cast.rose, seen=cast.at.dreal)
    assert role_in(cast.marc, other) == Role.CONTRIBUTOR
    assert session.execute(select(Space.state).where(Space.id == other.id)).scalar_one() == SpaceState.ACTIVE
