"""Opening many accounts from a list: what is read, what is reported, what is done."""

from __future__ import annotations

import io
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import func, select

from resana.accounts import actions, imports
from resana.accounts.import_file import read
from resana.accounts.models import Account, AccountImport, AccountImportRow, AccountStatus, AdminScope, ImportState
from resana.core import jobs
from resana.core.actions import action
from resana.core.database import session
from resana.core.errors import Refused
from resana.core.jobs import Outbox
from tests.test_permission_matrix import _without_token

SignIn = Callable[[Account], Any]
HEAD = "adresse électronique;prénom;nom;fonction;administration;responsable d’équipe\n"


def report(text: str, cast: SimpleNamespace, by: str = "adam", home: Any = None) -> tuple[AccountImport, list[Any]]:
    made = imports.check(read(text.encode()), file_name="liste.csv", home=home, by=getattr(cast, by))
    rows = select(AccountImportRow).where(AccountImportRow.import_id == made.id).order_by(AccountImportRow.line)
    return made, list(session.execute(rows).scalars())


def verdicts(text: str, cast: SimpleNamespace, **more: Any) -> list[tuple[str, str]]:
    return [(row.verdict, row.problem) for row in report(text, cast, **more)[1]]


def done(made: AccountImport) -> None:
    imports.start(made)
    while jobs.drain(1000):
        pass
    session.rollback()


def people() -> int:
    return session.execute(select(func.count()).select_from(Account)).scalar_one()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_whatever_office_software_writes_is_read(encoding: str, separator: str) -> None:
    text = "\r\n".join(
        separator.join(cells)
        for cells in (["Prénom", "NOM", "Adresse électronique"], ["Éloïse", f'"Le{separator} Goff"', "e@dreal.example"])
    )
    (line,) = read(text.encode(encoding)).lines
    assert (line.number, line.first_name, line.last_name) == (2, "Éloïse", f"Le{separator} Goff")
    assert line.email == "e@dreal.example"


def test_two_hundred_columns_are_read_and_named() -> None:
    names = [f"colonne {number}" for number in range(200)]
    found = read((";".join(["email", "nom", "prénom", *names]) + "\n" + ";".join(["a@b.fr"] * 203)).encode())
    assert found.unknown_columns == names[:20]
    assert len(found.lines) == 1


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n\n",
        b"prenom;nom\nA;B\n",
        HEAD.encode(),
        b"PK\x03\x04\x00\x00",
        b"\xff\xfe\x00",
        HEAD.encode() + b'"jamais ferm\xc3\xa9' + b"x" * 200_000,
        HEAD.encode() + b"a@b.fr;A;B\n" * 10_001,
    ],
)
def test_what_is_no_such_list_is_refused_in_words(cast: SimpleNamespace, data: bytes) -> None:
    with pytest.raises(Refused) as refused:
        read(data)
    assert refused.value.field == "file"
    assert refused.value.detail


def test_each_line_is_told_what_it_comes_to(cast: SimpleNamespace) -> None:
    text = HEAD + "\n".join(
        [
            "nora.veau@dreal.example;Nora;Veau;Chargée de mission;DREAL, service de Limoges;oui",
            "NORA.veau@dreal.example;Nora;Veau;;;",
            "pas une adresse;Nora;Veau;;;",
            ";Nora;Veau;;;",
            f"{cast.marc.email};Marc;Autrement;;;",
            f"{cast.marc.email.replace('marc', 'marc2')};=cmd();Veau;;;",
            f"{cast.bruno.email};Bruno;Petit;;;",
            "a@dreal.example;A;B;;Préfecture de région;",
            "b@dreal.example;A;B;;;peut-être",
            "c@dreal.example;;B;;;",
            "d@dreal.example;A\u202e;B;;;",
            f"{cast.lucie.email};Lucie;X;;Direction de l’environnement;",
        ]
    )
    assert verdicts(text, cast, home=cast.at.dreal) == [
        ("open", ""),
        ("refused", "twice"),
        ("refused", "email"),
        ("refused", "no_email"),
        ("edit", ""),
        ("refused", "formula"),
        ("refused", "elsewhere"),
        ("refused", "no_such_administration"),
        ("refused", "team_lead"),
        ("refused", "wrong_first_name"),
        ("refused", "wrong_first_name"),
        ("refused", "moves"),
    ]
    assert verdicts(HEAD + "z@dreal.example;A;B", cast) == [("refused", "no_administration")]


def test_a_report_changes_nothing_and_the_worker_does_what_it_says(cast: SimpleNamespace) -> None:
    before = people()
    made, _rows = report(
        HEAD + "n@dreal.example;Nora;Veau;;;\n" + f"{cast.marc.email};Marc;Neuf;;;", cast, home=cast.at.dreal
    )
    assert people() == before
    assert cast.marc.last_name != "Neuf"
    done(made)
    assert people() == before + 1
    nora = session.execute(select(Account).where(Account.email == "n@dreal.example")).scalar_one()
    assert (nora.status, nora.home_administration_id) == (AccountStatus.INVITED, cast.at.dreal.id)
    session.refresh(cast.marc)
    assert cast.marc.last_name == "Neuf"
    session.refresh(made)
    assert made.state == ImportState.DONE
    assert imports.counts(made) == {"open": 1, "edit": 1, "same": 0, "refused": 0, "done": 2, "all": 2}


def test_the_same_list_twice_changes_nothing_the_second_time(cast: SimpleNamespace) -> None:
    text = HEAD + "".join(f"p{number}@dreal.example;P{number};Veau;;;\n" for number in range(250))
    done(report(text, cast, home=cast.at.dreal)[0])
    before = people()
    mails = session.execute(select(func.count()).where(Outbox.kind == "mail")).scalar_one()
    assert set(verdicts(text, cast, home=cast.at.dreal)) == {("same", "")}
    done(report(text, cast, home=cast.at.dreal)[0])
    assert people() == before
    assert session.execute(select(func.count()).where(Outbox.kind == "mail")).scalar_one() == mails


def test_an_import_that_is_cut_goes_on_where_it_was(cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    text = HEAD + "".join(f"p{number}@dreal.example;P{number};Veau;;;\n" for number in range(250))
    made, _rows = report(text, cast, home=cast.at.dreal)
    imports.start(made)
    assert imports._batch(made.id)
    assert people() > 100
    real, calls = imports._opened, []

    def cut(*args: Any) -> Account:
        calls.append(1)
        if len(calls) == 50:
            raise KeyboardInterrupt
        return real(*args)

    monkeypatch.setattr(imports, "_opened", cut)
    with pytest.raises(KeyboardInterrupt):
        imports._batch(made.id)
    monkeypatch.setattr(imports, "_opened", real)
    while jobs.drain(1000):
        pass
    session.rollback()
    opened = session.execute(select(func.count()).where(Account.email.like("p%@dreal.example"))).scalar_one()
    assert opened == 250


def test_who_lost_their_scope_in_between_opens_nothing_more(cast: SimpleNamespace) -> None:
    made, _rows = report(HEAD + "n@dreal.example;Nora;Veau;;;", cast, home=cast.at.dreal)

    @action
    def dismiss() -> None:
        session.query(AdminScope).where(AdminScope.account_id == cast.adam.id).delete()

    dismiss()
    before = people()
    done(made)
    assert people() == before
    assert session.execute(select(AccountImportRow.problem)).scalar_one() == "no_longer"


def test_a_batch_takes_as_many_statements_for_a_hundred_people_as_for_ten(
    cast: SimpleNamespace, statements: Callable[[], Any]
) -> None:
    def batch(many: int) -> int:
        text = HEAD + "".join(f"q{many}-{number}@dreal.example;P;Veau;;;\n" for number in range(many))
        made, _rows = report(text, cast, home=cast.at.dreal)
        imports.start(made)
        session.rollback()
        with statements() as seen:
            imports._batch(made.id)
        return len([one for one in seen if not one.startswith("INSERT")])  # which only PostgreSQL takes together

    assert batch(100) == batch(10)


def sent(here: Any, text: str, **fields: str) -> Any:
    return here.post(
        "/administration/accounts/import", data={"file": (io.BytesIO(text.encode()), "liste.csv"), **fields}
    )


def test_an_administrator_sends_a_list_reads_the_report_and_starts(sign_in: SignIn, cast: SimpleNamespace) -> None:
    here = sign_in(cast.adam)
    assert here.get("/administration/accounts/import").status_code == 200
    model = here.get("/administration/accounts/import/model.csv")
    assert model.data.decode("utf-8-sig").startswith("adresse électronique;prénom;nom;")
    answer = sent(here, HEAD + "n@dreal.example;Nora;Veau;;;\nfaux;A;B", administration_id=cast.at.dreal.public_id)
    assert answer.status_code == 303
    page = here.get(answer.location)
    assert "1 compte sera ouvert" in page.text
    assert "1 ligne refusée" in page.text
    assert "n’est pas complète" in page.text
    assert here.post(f"{answer.location}/start").status_code == 303
    assert "La liste est en cours" in here.get(answer.location).text
    while jobs.drain():
        pass
    assert "La liste est faite" in here.get(answer.location).text


def test_a_list_is_its_senders_alone(sign_in: SignIn, cast: SimpleNamespace) -> None:
    made, _rows = report(HEAD + "n@dreal.example;Nora;Veau;;;", cast, home=cast.at.dreal)
    for other in (cast.rose, cast.rejane, cast.ines):
        here = sign_in(other)
        unknown = here.get("/administration/imports/aaaaaaaaaaaaaaaaaaaaaaaaaa")
        theirs = here.get(f"/administration/imports/{made.public_id}")
        assert theirs.status_code == unknown.status_code == 404
        assert _without_token(theirs.data) == _without_token(unknown.data)
        assert here.post(f"/administration/imports/{made.public_id}/start").status_code == 404


@pytest.mark.parametrize("text", ["", "n'importe quoi", HEAD])
def test_a_list_that_cannot_be_read_says_so_on_the_page(sign_in: SignIn, cast: SimpleNamespace, text: str) -> None:
    answer = sent(sign_in(cast.adam), text)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text


def test_another_administration_cannot_be_chosen(sign_in: SignIn, cast: SimpleNamespace) -> None:
    answer = sent(sign_in(cast.adam), HEAD + "n@x.example;A;B", administration_id=cast.at.prefecture.public_id)
    assert answer.status_code == 404


def test_the_export_holds_the_scope_and_no_formula(sign_in: SignIn, cast: SimpleNamespace) -> None:
    actions.create(
        email="n@dreal.example", first_name="Nora", last_name="=1+1", administration=cast.at.dreal, by=cast.adam
    )
    answer = sign_in(cast.adam).post("/administration/accounts/export")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    text = answer.data.decode("utf-8-sig")
    assert ";'=1+1;" in text
    assert cast.marc.email in text
    assert cast.bruno.email not in text
    some = sign_in(cast.adam).post("/administration/accounts/export", data={"q": "nora"}).data.decode("utf-8-sig")
    assert len(some.splitlines()) == 2
    assert sign_in(cast.ines).post("/administration/accounts/export").status_code == 403


def test_an_export_can_be_sent_back(cast: SimpleNamespace, sign_in: SignIn) -> None:
    text = sign_in(cast.adam).post("/administration/accounts/export").data.decode("utf-8-sig")
    assert {verdict for verdict, _problem in verdicts(text, cast)} == {"same"}
