"""The journal, as the tests of the journal read it."""

from tests.audit.conftest import entries

__all__ = ["entries"]
