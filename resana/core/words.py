"""How times, sizes and numbers are said: « hier à 14 h 05 », « 1,2 Mo », « 12 345 »."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from flask import Flask
from flask_babel import get_locale, get_timezone, ngettext
from flask_babel import gettext as _

from . import clock

FRENCH = Locale("fr")
PARIS = ZoneInfo("Europe/Paris")
JUST_NOW = timedelta(seconds=45)
STEP = 1000
KEPT = 8192
"""Moments whose words are kept."""


def ago(moment: datetime, now: datetime) -> str:
    """When that was, as people say it, seen from `now`. Both are aware; the answer is in the reader's time zone."""
    passed = now - moment
    if timedelta(0) <= passed < JUST_NOW:
        return _("à l’instant")
    if JUST_NOW <= passed < timedelta(hours=1):
        minutes = max(1, round(passed.total_seconds() / 60))
        return ngettext("il y a %(num)s minute", "il y a %(num)s minutes", minutes)
    return on_the_day(moment, now)


def on_the_day(moment: datetime, now: datetime) -> str:
    """The same, by the day: it stays true until midnight."""
    return _on_the_day(_local(moment).replace(tzinfo=None), _local(now).date(), _locale())


# The same messages are shown to one reader after the other: a moment is put into words once for each language and day.
# What is kept goes by the time on the reader's clock, for the same moment has other words in another zone.
@lru_cache(maxsize=KEPT)
def _on_the_day(there: datetime, here: date, _language: Locale) -> str:
    days = (here - there.date()).days
    time = _time(there)
    if days == 0:
        return _("aujourd’hui à %(time)s", time=time)
    if days == 1:
        return _("hier à %(time)s", time=time)
    if days == -1:
        return _("demain à %(time)s", time=time)
    if 1 < days < 7:
        return _("%(weekday)s à %(time)s", weekday=format_date(there, "EEEE", locale=_locale()), time=time)
    if there.year == here.year:
        return _("le %(day)s à %(time)s", day=_day(there, with_year=False), time=time)
    return _("le %(day)s", day=_day(there, with_year=True))


def exactly(moment: datetime) -> str:
    """The date and the time in full: « lundi 3 mars 2025 à 14 h 05 »."""
    return _exactly(_local(moment).replace(tzinfo=None), _locale())


@lru_cache(maxsize=KEPT)
def _exactly(there: datetime, _language: Locale) -> str:
    weekday = format_date(there, "EEEE", locale=_locale())
    return _("%(weekday)s %(day)s à %(time)s", weekday=weekday, day=_day(there, with_year=True), time=_time(there))


def day(moment: datetime, now: datetime) -> str:
    """The day alone, for a separator: « Aujourd’hui », « Hier », « Lundi 3 mars »."""
    return _day_alone(_local(moment).date(), _local(now).date(), _locale())


@lru_cache(maxsize=KEPT)
def _day_alone(there: date, here: date, _language: Locale) -> str:
    days = (here - there).days
    if days == 0:
        return _("Aujourd’hui")
    if days == 1:
        return _("Hier")
    weekday = format_date(there, "EEEE", locale=_locale())
    written = _("%(weekday)s %(day)s", weekday=weekday, day=_day(there, with_year=there.year != here.year))
    return written[:1].upper() + written[1:]


def day_of(moment: datetime) -> str:
    """The day in full, for what ends then: « 3 mars 2025 »."""
    return _day(_local(moment), with_year=True)


def file_size(size: int) -> str:
    """A number of bytes: « 812 octets », « 1,2 Mo ». A kilo-octet is 1,000 bytes."""
    if size < STEP:
        return _("%(size)s octet", size=size) if size < 2 else _("%(size)s octets", size=size)
    amount = float(size)
    written = ""
    for pattern in (_("%(size)s ko"), _("%(size)s Mo"), _("%(size)s Go"), _("%(size)s To")):
        amount /= STEP
        written = pattern.replace("%(size)s", _rounded(amount))
        if float(_significant(amount)) < STEP:
            break
    return written


def count(number: int) -> str:
    """A number that people read: « 12 345 »."""
    return str(format_decimal(number, locale=_locale()))


def init_app(app: Flask) -> None:
    """Give these words to the templates, as filters: `{{ moment|ago }}`."""
    app.jinja_env.filters.update(
        ago=lambda moment: ago(moment, clock.now()),
        on_the_day=lambda moment: on_the_day(moment, clock.now()),
        day=lambda moment: day(moment, clock.now()),
        exactly=exactly,
        day_of=day_of,
        iso=lambda moment: moment.astimezone(UTC).isoformat(timespec="seconds"),
        file_size=file_size,
        count=count,
    )


def _locale() -> Locale:
    # As it is, not as a name: Babel would read the name anew for each of a page's dates.
    return get_locale() or FRENCH


def _zone() -> tzinfo:
    try:
        return get_timezone() or PARIS
    except RuntimeError:  # said outside a request: a mail, a job
        return PARIS


def _local(moment: datetime) -> datetime:
    return moment.astimezone(_zone())


def _time(there: datetime) -> str:
    # Babel's pattern for a time of day.
    return str(format_datetime(there, _("H 'h' mm"), locale=_locale()))


def _day(there: date, with_year: bool) -> str:
    # Babel's patterns for a day, without and with its year.
    pattern = _("d MMMM y") if with_year else _("d MMMM")
    written = str(format_date(there, pattern, locale=_locale()))
    if _locale().language == "fr" and there.day == 1:
        return written.replace("1 ", "1er ", 1)
    return written


def _significant(amount: float) -> str:
    return f"{amount:.1f}" if amount < 10 else f"{amount:.0f}"


def _rounded(amount: float) -> str:
    return str(format_decimal(float(_significant(amount)), format="#,##0.#", locale=_locale()))
