"""What people read of times, sizes and numbers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from resana.core.words import ago, count, day, exactly, file_size, on_the_day

NOON = datetime(2026, 3, 18, 11, 0, tzinfo=UTC)  # a Wednesday; 12 h 00 in Paris


def plain(text: str) -> str:
    """Ordinary spaces for no-break ones, to be read here."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (NOON, "à l’instant"),
        (NOON - timedelta(seconds=50), "il y a 1 minute"),
        (NOON - timedelta(minutes=5), "il y a 5 minutes"),
        (NOON - timedelta(hours=2, minutes=55), "aujourd’hui à 9 h 05"),
        (NOON - timedelta(days=1), "hier à 12 h 00"),
        (NOON - timedelta(days=2), "lundi à 12 h 00"),
        (NOON - timedelta(days=7), "le 11 mars à 12 h 00"),
        (NOON - timedelta(days=17), "le 1er mars à 12 h 00"),
        (NOON - timedelta(days=365), "le 18 mars 2025"),
        (NOON + timedelta(hours=1), "aujourd’hui à 13 h 00"),
        (NOON + timedelta(days=1), "demain à 12 h 00"),
        (NOON + timedelta(days=9), "le 27 mars à 12 h 00"),
    ],
)
def test_a_time_is_said_as_people_say_it(moment: datetime, words: str) -> None:
    assert plain(ago(moment, NOON)) == words


def test_yesterday_is_the_day_before_in_paris_not_24_hours_ago() -> None:
    early = datetime(2026, 3, 17, 23, 30, tzinfo=UTC)  # 0 h 30 in Paris on the 18th
    before = datetime(2026, 3, 17, 22, 30, tzinfo=UTC)  # 23 h 30 in Paris on the 17th
    assert plain(on_the_day(before, early)) == "hier à 23 h 30"
    assert plain(ago(before, early + timedelta(minutes=1))) == "hier à 23 h 30"


def test_a_time_of_day_does_not_break_over_two_lines() -> None:
    assert "14\u00a0h\u00a005" in exactly(datetime(2025, 3, 3, 13, 5, tzinfo=UTC))


def test_the_exact_time_says_all() -> None:
    assert plain(exactly(datetime(2025, 3, 3, 13, 5, tzinfo=UTC))) == "lundi 3 mars 2025 à 14 h 05"


def test_a_day_separator_names_the_day() -> None:
    assert day(NOON, NOON) == "Aujourd’hui"
    assert day(NOON - timedelta(days=1), NOON) == "Hier"
    assert plain(day(NOON - timedelta(days=9), NOON)) == "Lundi 9 mars"
    assert plain(day(NOON - timedelta(days=365), NOON)) == "Mardi 18 mars 2025"


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 octet"),
        (1, "1 octet"),
        (812, "812 octets"),
        (1000, "1 ko"),
        (1234, "1,2 ko"),
        (45_678, "46 ko"),
        (999_999, "1 Mo"),
        (1_200_000, "1,2 Mo"),
        (5 * 10**9, "5 Go"),
        (2 * 10**15, "2 000 To"),
    ],
)
def test_a_size_is_said_in_octets(size: int, words: str) -> None:
    assert plain(file_size(size)) == words


def test_a_large_number_is_read_in_groups_of_three() -> None:
    assert plain(count(12345)) == "12 345"


def test_what_is_kept_of_a_moment_knows_its_clock(monkeypatch):
    at = NOON - timedelta(days=7)
    in_paris = plain(on_the_day(at, NOON))
    monkeypatch.setattr("resana.core.words.PARIS", UTC)
    assert (in_paris, plain(on_the_day(at, NOON))) == ("le 11 mars à 12 h 00", "le 11 mars à 11 h 00")


def test_words_of_templates_escape_what_is_put_into_them(app):
    with app.test_request_context():
        page = app.jinja_env.from_string('{{ _("Bonjour %(name)s", name=name) }} · {{ _("100 %% à vous") }}')
        page.environment.autoescape = True
        assert page.render(name="<b>") == "Bonjour &lt;b&gt; · 100 % à vous"
