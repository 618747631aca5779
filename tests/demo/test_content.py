"""The demonstration's content holds together, before any of it meets the application."""

import hashlib
import io
import subprocess
import sys
import unicodedata
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from resana.demo import administrations, people
from resana.demo.administrations import ADMINISTRATIONS, Kind, ancestors, fictitious_siret, luhn_valid, mail_domains
from resana.demo.people import PASSWORD, PEOPLE, SHOWN
from resana.demo.spaces import SPACE_REQUESTS, SPACES
from resana.demo.story import Document, Space, moment, unfold

ROLES = {"card": 0, "reader": 1, "contributor": 2, "moderator": 3, "lead": 4}
NOW = datetime(2026, 6, 15, 8, 0, tzinfo=UTC)

each_space = pytest.mark.parametrize("space", SPACES, ids=lambda space: space.key)
each_document = pytest.mark.parametrize(
    "document",
    [pytest.param(document, id=f"{space.key}: {document.name}") for space in SPACES for document in space.documents],
)


def role_of(key: str, space: Space) -> int:
    """The effective role of a person in a space (-1: none): the highest of the grants that match."""
    for guest in space.guests:
        if guest.key == key:
            return ROLES[guest.role]
    person = people.BY_KEY[key]
    if person.status != "active":
        return -1
    above = ancestors(person.administration)
    roles = [-1]
    if space.visibility == "agents" or (space.visibility == "administration" and space.owner in above):
        roles.append(ROLES[space.visibility_level])
    for grant in space.grants:
        match grant.principal:
            case "person":
                matches = grant.key == key
            case "administration":
                matches = grant.key == person.administration
            case "subtree":
                matches = grant.key in above
        if matches:
            roles.append(ROLES[grant.role])
    return max(roles)


def when(thing) -> datetime:
    return moment(NOW, thing.days_ago, thing.at)


# Administrations


def test_the_tree_has_each_key_once_and_parents_before_their_children():
    seen: set[str] = set()
    for node in ADMINISTRATIONS:
        assert node.key not in seen
        assert node.parent is None or node.parent in seen
        assert len(ancestors(node.key)) <= 6
        seen.add(node.key)
    assert 38 <= len(seen) <= 46


def test_sirets_are_fictitious_luhn_valid_and_belong_to_one_administration():
    sirets = [siret for node in ADMINISTRATIONS for siret in node.sirets]
    assert len(sirets) == len(set(sirets))
    assert all(len(siret) == 14 and siret.startswith("9999") for siret in sirets)
    assert all(luhn_valid(siret) and luhn_valid(siret[:9]) for siret in sirets)
    given = ["99990001200017", "99990002000010", "99990003800012", "99990004600015", "99990005300011"]
    assert [fictitious_siret(rank) for rank in range(1, 6)] == given
    assert set(given) <= set(sirets)
    assert not luhn_valid("99990001200018")


def test_a_mail_domain_names_one_administration():
    domains = [domain for node in ADMINISTRATIONS for domain in node.mail_domains]
    assert len(domains) == len(set(domains))
    assert all(domain.endswith(".example") for domain in domains)


def test_one_administration_has_two_sirets_and_two_domains():
    assert [node.key for node in ADMINISTRATIONS if len(node.sirets) == len(node.mail_domains) == 2] == ["dreets"]


def test_the_region_covers_the_three_cities_and_the_twelve_departments():
    below = [node for node in ADMINISTRATIONS if "nouvelle-aquitaine" in ancestors(node.key)]
    assert {"Bordeaux", "Limoges", "Poitiers"} <= {node.city for node in below}
    assert sum(node.key.startswith("prefecture-") and node.key[-2:].isdigit() for node in below) == 12
    assert sum(node.key.startswith(("ddt-", "ddtm-")) for node in below) == 12
    assert all(node not in below for node in ADMINISTRATIONS if node.kind is Kind.LOCAL_AUTHORITY)


def test_every_policy_is_met_somewhere():
    assert {node.policy for node in ADMINISTRATIONS} == set(administrations.Policy)


# People


def test_sixty_people_have_a_key_a_name_and_an_address_of_their_own():
    assert len(PEOPLE) == 60
    for field in ("key", "name", "email"):
        assert len({getattr(person, field) for person in PEOPLE}) == 60


def test_an_address_belongs_to_the_administration_of_the_person():
    for person in PEOPLE:
        local, _, domain = person.email.partition("@")
        assert domain in mail_domains(person.administration)
        assert local.isascii() and local.count(".") == 1


def test_the_people_make_every_journey_possible():
    active = [person for person in PEOPLE if person.status == "active"]
    scopes = {scope for person in active for scope in person.scopes}
    assert {"dreal", "rectorat-limoges", "nouvelle-aquitaine"} <= scopes <= set(administrations.BY_KEY)
    assert sum(person.platform_admin for person in active) == 1
    assert sum(person.status == "suspended" for person in PEOPLE) == 1
    assert sum(person.team_lead for person in active) >= 10
    for administration in administrations.BY_KEY.values():
        if administration.policy is administrations.Policy.TEAM_LEADS and administration.key in {
            "dreal",
            "sgar",
            "ars",
        }:
            assert any(person.team_lead and person.administration == administration.key for person in active)


def test_newcomers_are_shown_a_dozen_accounts_the_three_cities_first():
    assert len(SHOWN) == 12
    cities = [administrations.BY_KEY[person.administration].city for person in SHOWN[:3]]
    assert cities == ["Limoges", "Poitiers", "Bordeaux"]
    assert len(PASSWORD) >= 15


# Spaces


def test_there_are_six_spaces_and_each_visibility_is_met():
    assert len({space.key for space in SPACES}) == len({space.title for space in SPACES}) == 6
    assert {space.visibility for space in SPACES} == {"private", "administration", "agents"}
    assert {space.visibility_level for space in SPACES} == {"card", "reader"}


@each_space
def test_grants_name_people_and_administrations_that_exist(space):
    assert space.owner in administrations.BY_KEY
    assert len({(grant.principal, grant.key) for grant in space.grants}) == len(space.grants)
    for grant in space.grants:
        known = people.BY_KEY if grant.principal == "person" else administrations.BY_KEY
        assert grant.key in known
        assert grant.principal == "person" or ROLES[grant.role] <= ROLES["contributor"]
    assert role_of(space.created_by, space) == ROLES["lead"]


@each_space
def test_folders_come_after_the_folder_that_holds_them(space):
    seen: set[str] = set()
    for path in space.folders:
        assert "/" not in path or path.rpartition("/")[0] in seen
        assert path not in seen
        seen.add(path)
    assert {document.folder for document in space.documents} <= seen | {None}


@each_space
def test_restricted_folders_are_for_people_of_the_space(space):
    for restricted in space.restricted:
        assert restricted.folder in space.folders
        assert not any(other.folder.startswith(f"{restricted.folder}/") for other in space.restricted)
        named = {grant.key for grant in restricted.grants}
        assert named <= {grant.key for grant in space.grants} and len(named) == len(restricted.grants)
        inside = [document for document in space.documents if document.folder == restricted.folder]
        assert {version.by for document in inside for version in document.versions} <= named


@each_space
def test_whoever_deposits_or_writes_may_do_it(space):
    authors = {version.by for document in space.documents for version in document.versions}
    authors |= {message.by for thread in space.threads for message in thread.messages}
    assert {key for key in authors if role_of(key, space) < ROLES["contributor"]} == set()


@each_space
def test_names_of_documents_are_unique_in_the_space_and_ordinary(space):
    names = [document.name for document in space.documents]
    assert len(names) == len(set(names))
    for name in (*names, *space.folders):
        assert unicodedata.is_normalized("NFC", name)
        assert len(name.encode()) < 200 and name.isprintable() and "\u00a0" not in name


@each_space
def test_the_story_goes_forward_in_time(space):
    start = moment(NOW, space.created_days_ago, "00:00")
    for document in space.documents:
        times = [when(version) for version in document.versions]
        assert times == sorted(set(times)) and start <= times[0] and times[-1] < NOW
    for thread in space.threads:
        times = [when(message) for message in thread.messages]
        assert times == sorted(set(times)) and start <= times[0] and times[-1] < NOW


@each_space
def test_threads_are_conversations_whose_replies_and_attachments_exist(space):
    documents = {document.name: document for document in space.documents}
    assert 3 <= len(space.threads) <= 6
    for thread in space.threads:
        assert 4 <= len(thread.messages) <= 25
        assert len({message.by for message in thread.messages}) >= 2
        for number, message in enumerate(thread.messages, start=1):
            assert message.body
            assert message.reply_to is None or 1 <= message.reply_to < number
            for name in message.attachments:
                assert when(documents[name].versions[0]) <= when(message)


def test_replies_cross_cities_and_some_messages_are_edited_or_deleted():
    def city(message):
        return administrations.BY_KEY[people.BY_KEY[message.by].administration].city

    threads = [thread for space in SPACES for thread in space.threads]
    messages = [message for thread in threads for message in thread.messages]
    crossing = [
        message for thread in threads for message in thread.messages
        if message.reply_to and city(message) != city(thread.messages[message.reply_to - 1])
    ]  # fmt: skip
    assert len(crossing) >= 20
    assert sum(message.first_written is not None for message in messages) >= 4
    assert sum(message.deleted for message in messages) >= 2
    bodies = "\n".join(message.body for message in messages)
    assert all(mark in bodies for mark in ("**", "\n- ", "](https://", "```", "| --- |", "\n> "))


def test_a_space_with_an_open_question_waits_for_its_answer():
    requests = [(space, request) for space in SPACES for request in space.access_requests]
    assert requests
    for space, request in requests:
        assert role_of(request.by, space) == ROLES["card"]


def test_a_request_for_a_space_waits_where_the_administration_validates():
    for request in SPACE_REQUESTS:
        administration = administrations.BY_KEY[people.BY_KEY[request.by].administration]
        assert administration.policy is administrations.Policy.VALIDATED
        assert any(administration.key in person.scopes for person in PEOPLE)


def test_days_are_counted_in_working_days():
    monday = datetime(2026, 6, 15, 6, 30, tzinfo=UTC)
    assert moment(monday, 1, "09:00") == datetime(2026, 6, 12, 7, 0, tzinfo=UTC)
    assert moment(monday, 0, "09:00") == datetime(2026, 6, 15, 7, 0, tzinfo=UTC)


def test_a_message_written_over_several_lines_is_one_paragraph():
    source = "Un deux\ntrois.\n\n- a\nb\n- c\n\n| x |\n| --- |\n\n```\nun\n  deux\n```\n"
    assert unfold(source) == "Un deux trois.\n\n- a b\n- c\n\n| x |\n| --- |\n\n```\nun\n  deux\n```"


# Files


@each_document
def test_a_document_is_what_its_name_says_and_each_version_differs(document: Document):
    contents = [version.make() for version in document.versions]
    assert len(set(contents)) == len(contents)
    for content in contents:
        match Path(document.name).suffix:
            case ".pdf":
                assert content.startswith(b"%PDF-1.") and content.rstrip().endswith(b"%%EOF")
                assert content.count(b"/Type /Page\n") >= 2
            case ".docx":
                assert "word/document.xml" in _sound_archive(content)
            case ".ods":
                assert _sound_archive(content)[0] == "mimetype"
                assert content[30:].startswith(b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet")
            case ".csv":
                assert content.startswith(b"\xef\xbb\xbf") and b";" in content and content.endswith(b"\r\n")
            case ".png":
                image = Image.open(io.BytesIO(content))
                image.verify()
                assert image.format == "PNG" and image.width > 1000
            case ".txt" | ".md":
                assert len(content.decode()) > 100
            case other:
                pytest.fail(f"an unexpected format: {other}")


def test_every_format_has_documents():
    suffixes = {Path(document.name).suffix for space in SPACES for document in space.documents}
    assert suffixes == {".pdf", ".docx", ".ods", ".csv", ".png", ".txt", ".md"}


def test_another_process_makes_the_same_bytes():
    here = _digest()
    script = f"import sys; sys.path[:0] = {[str(Path(__file__).parent), *sys.path]!r}; import test_content; print(test_content._digest())"
    elsewhere = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert elsewhere.stdout.strip() == here


def _digest() -> str:
    total = hashlib.sha256()
    for space in SPACES:
        for document in space.documents:
            for version in document.versions:
                total.update(version.make())
    return total.hexdigest()


def _sound_archive(content: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return archive.namelist()
