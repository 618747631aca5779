"""The journal: who did what, when, to what. It only grows; each entry vouches for the one before, and heads are signed.
For administrators (their scope) and for the leads of a space (theirs). It keeps acts, never what people wrote.
"""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Listen to what is done, and add the commands."""
    from resana.core import acts

    from . import keeping, upkeep

    acts.listen(keeping.hear)
    upkeep.init_app(app)
