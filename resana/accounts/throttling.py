"""Wrong passwords are answered later and later; right ones and an office behind one address are not held up.

Only failures count. Each count leaks away with time; beyond a free allowance, the next try has to wait, twice as long
after each failure. Counts are rows of the database: they hold without Redis and over restarts. A browser on which the
person has signed in before has a count of its own, so that nobody else's failures can lock them out.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any, NamedTuple

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from resana.core.actions import action
from resana.core.clock import now
from resana.core.database import is_sqlite, session
from resana.core.errors import TooMany

from .models import SignInFailure


class Limit(NamedTuple):
    """So many failures are free, one is forgotten each `leak_s` seconds, and no wait is longer than `longest_s`."""

    free: int
    leak_s: float
    longest_s: int

    def wait(self, failures: float) -> float:
        """Seconds to wait after the last of `failures`."""
        if failures < self.free:
            return 0
        return float(min(self.longest_s, 2.0 ** min(20, failures - self.free)))


PAIR = Limit(free=5, leak_s=600, longest_s=900)
"""One account from one network, or from one known device."""
ACCOUNT = Limit(free=30, leak_s=60, longest_s=300)
"""One account from all networks: a botnet has one guess a minute. Known devices do not feel it."""
NETWORK = Limit(free=500, leak_s=2, longest_s=2)
"""One network: it slows somebody who tries one password on everybody, and an office hardly notices."""
LINKS = Limit(free=30, leak_s=60, longest_s=300)
"""Requests of links from one network."""
FACTOR = Limit(free=5, leak_s=3600, longest_s=3600)
"""The second step of one account: who has the password has a guess an hour left, of a million codes."""

ASKING = Limit(free=20, leak_s=600, longest_s=600)
"""Requests for access by one account, to addresses that it may have guessed."""

KEPT = timedelta(days=1)

Counts = Mapping[str, Limit]
"""Which counts a try belongs to."""


def network_of(address: str | None) -> str:
    """The /24 or /64 that an address belongs to."""
    try:
        found = ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return str(ip_network((found, 24 if found.version == 4 else 64), strict=False))


def counts_of(email: str, network: str, known_device: str | None) -> Counts:
    """The counts of a sign-in; `email` as typed, so that unknown addresses are counted like known ones."""
    if known_device is not None:
        return {_key("device", email, known_device): PAIR}
    return {
        _key("pair", email, network): PAIR,
        _key("account", email): ACCOUNT,
        _key("network", network): NETWORK,
    }


def counts_of_own(account_id: int) -> Counts:
    """The count of a signed-in person who types the present password wrong."""
    return {_key("own", str(account_id)): PAIR}


def counts_of_factor(account_id: int, known_device: str | None) -> Counts:
    """The count of second steps: a browser that the person has used before has its own."""
    return {_key("factor", str(account_id), known_device or ""): FACTOR}


def counts_of_links(network: str) -> Counts:
    """The count of requests of links."""
    return {_key("links", network): LINKS}


def counts_of_asking(account_id: int) -> Counts:
    """The count of requests for access to what one does not see."""
    return {_key("asking", str(account_id)): ASKING}


def check(counts: Counts) -> None:
    """Raise TooMany where one has to wait."""
    moment = now()
    rows = session.execute(select(SignInFailure).where(SignInFailure.key.in_(counts))).scalars()
    wait = 0.0
    for row in rows:
        passed = (moment - row.last_at).total_seconds()
        wait = max(wait, counts[row.key].wait(row.failures) - passed)
    if wait > 0:
        raise TooMany(_in_words(math.ceil(wait)), math.ceil(wait))


@action
def note_failure(counts: Counts) -> None:
    """Count one more failure."""
    moment = now()
    for key in sorted(counts):
        _insert(key)
    rows = session.execute(
        select(SignInFailure)
        .where(SignInFailure.key.in_(counts))
        .order_by(SignInFailure.key)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalars()
    for row in rows:
        leaked = max(0.0, (moment - row.last_at).total_seconds()) / counts[row.key].leak_s
        row.failures = max(0.0, row.failures - leaked) + 1
        row.last_at = moment
    session.flush()
    old = select(SignInFailure.key).where(SignInFailure.last_at < moment - KEPT).limit(100)
    if not is_sqlite():
        old = old.with_for_update(skip_locked=True)
    session.execute(
        delete(SignInFailure).where(SignInFailure.key.in_(old)).execution_options(synchronize_session=False)
    )


def forget(counts: Counts) -> None:
    """The right password was given: what concerned this person from here is forgotten. Within an action."""
    keys = [key for key, limit in counts.items() if limit in (PAIR, FACTOR)]
    session.execute(
        update(SignInFailure)
        .where(SignInFailure.key.in_(keys))
        .values(failures=0.0)
        .execution_options(synchronize_session=False)
    )


def _key(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _insert(key: str) -> None:
    insert: Any = sqlite.insert if is_sqlite() else postgresql.insert
    values = {"key": key, "failures": 0.0, "last_at": now()}
    session.execute(insert(SignInFailure).values(values).on_conflict_do_nothing(index_elements=["key"]))


def _in_words(seconds: int) -> str:
    if seconds < 60:
        wait = ngettext("%(num)s seconde", "%(num)s secondes", seconds)
    else:
        wait = ngettext("%(num)s minute", "%(num)s minutes", math.ceil(seconds / 60))
    return _("Trop d’essais. Patientez %(wait)s, puis recommencez. Votre compte n’est pas bloqué.", wait=wait)
