"""What has these words in its name, among what a person may see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_
from sqlalchemy.orm import joinedload

from resana.accounts.models import Account, AccountStatus
from resana.core.database import session
from resana.core.text import words_of
from resana.discussions.models import Thread
from resana.documents.models import Document
from resana.permissions import Can, allowed
from resana.spaces.models import Space

MOST = 20
LONGEST = 200


@dataclass(frozen=True)
class Found:
    """What was found, of each kind at most MOST."""

    spaces: list[Space]
    people: list[Account]
    threads: list[Thread]
    documents: list[Document]

    @property
    def count(self) -> int:
        """How many things in all."""
        return len(self.spaces) + len(self.people) + len(self.threads) + len(self.documents)


def called(account: Account, words: str) -> Found:
    """All that has every one of `words` in its name: four statements."""
    parts = words_of(words[:LONGEST])
    if not parts:
        return Found([], [], [], [])
    people = allowed(account, Can.SEE_PERSON).where(Account.status == AccountStatus.ACTIVE)
    threads = allowed(account, Can.READ_THREAD).options(joinedload(Thread.space))
    documents = allowed(account, Can.READ_DOCUMENT).options(joinedload(Document.space))
    return Found(
        _first(_named(allowed(account, Can.SEE_SPACE), Space.search_title, parts).order_by(Space.search_title)),
        _first(_named(people, Account.search_name, parts).order_by(Account.search_name)),
        _first(_named(threads, Thread.search_title, parts).order_by(Thread.last_activity_at.desc())),
        _first(_named(documents, Document.search_name, parts).order_by(Document.updated_at.desc())),
    )


def _named(wanted: Select[Any], column: Any, parts: list[str]) -> Select[Any]:
    return wanted.where(and_(*(column.contains(part, autoescape=True) for part in parts)))


def _first(wanted: Select[Any]) -> list[Any]:
    return list(session.execute(wanted.limit(MOST)).scalars())
