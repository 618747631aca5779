"""The ways of saying no. An action raises one; pages and the API render it in one place (`core/answers.py`)."""

from __future__ import annotations


class No(Exception):
    """A request that ends here, with a message in the user's language.

    `field` names the input at fault, if one is; `detail` is what a person reads.
    """

    status = 400

    def __init__(self, detail: str = "", field: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.field = field
        self.facts: dict[str, object] = {}
        """What a program is told beside the words (RFC 9457, 3.2)."""


class Malformed(No):
    """What came cannot be read at all."""

    status = 400


class NotSignedIn(No):
    """Nobody is signed in, and this door is for people who are."""

    status = 401


class NotAllowed(No):
    """The person sees the thing, but may not do this to it."""

    status = 403


class NotFresh(NotAllowed):
    """A sensitive act, and the person said who they are too long ago: they are asked again, and nothing is lost."""


class FactorDue(NotAllowed):
    """Nothing is open before a second factor is set up: the person's administration demands it."""


class NotThere(No):
    """The thing does not exist, or the person may not see it: the same answer, to the byte."""

    status = 404


class Conflict(No):
    """What is asked contradicts what is there."""

    status = 409


class Stale(No):
    """Somebody changed it in between (`If-Match`)."""

    status = 412


class TooLarge(No):
    """More bytes than may be sent."""

    status = 413


class WrongType(No):
    """A body of a kind that this door does not read."""

    status = 415


class BadRange(No):
    """A range of bytes that the document does not have."""

    status = 416


class Refused(No):
    """What was sent can be read, and is not acceptable."""

    status = 422


class Preconditions(No):
    """`If-Match` is needed here."""

    status = 428


class TooMany(No):
    """Too many tries. `retry_after` is in seconds."""

    status = 429

    def __init__(self, detail: str = "", retry_after: int = 60) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class StorageFull(No):
    """No room for the bytes; nothing was written."""

    status = 507


class Damaged(No):
    """The bytes that are kept are not those that were sent: said, never served."""

    status = 500
