"""The closure table says what a recursive query says, after any inserts and moves."""

from __future__ import annotations

import contextlib
import random

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from resana.administrations import actions, closing
from resana.administrations.models import MOST_LEVELS, Administration
from resana.core.actions import action
from resana.core.database import session
from resana.core.errors import Conflict, Refused

RECURSIVE = """
WITH RECURSIVE up(descendant_id, ancestor_id, depth) AS (
  SELECT id, id, 0 FROM administrations
  UNION ALL
  SELECT up.descendant_id, a.parent_id, up.depth + 1
  FROM up JOIN administrations a ON a.id = up.ancestor_id WHERE a.parent_id IS NOT NULL
)
SELECT descendant_id, ancestor_id, depth FROM up ORDER BY 1, 2
"""
KEPT = "SELECT descendant_id, ancestor_id, depth FROM administration_closure ORDER BY 1, 2"


def _agree() -> None:
    assert session.execute(text(KEPT)).all() == session.execute(text(RECURSIVE)).all()


@action
def _move(node: Administration, parent: Administration | None) -> None:
    node.parent_id = parent.id if parent is not None else None
    session.flush()


@pytest.mark.parametrize("seed", range(3))
def test_the_closure_is_the_recursion_after_any_moves(app: Flask, seed: int) -> None:
    dice = random.Random(seed)
    nodes = [actions.create(name=f"N{i}", short_name=f"N{i}", kind="service", city="Pau") for i in range(3)]
    _agree()
    for step in range(30):
        if dice.random() < 0.5:
            parent = dice.choice(nodes)
            with contextlib.suppress(Refused):  # too deep
                nodes.append(
                    actions.create(name=f"S{step}", short_name=f"S{step}", kind="service", city="Pau", parent=parent)
                )
        else:
            node, parent = dice.choice(nodes), dice.choice([*nodes, None])
            try:
                _move(node, parent)
            except DBAPIError:
                session.rollback()
        _agree()


def test_an_administration_cannot_stand_below_itself(app: Flask) -> None:
    top = actions.create(name="Haut", short_name="Haut", kind="service", city="Pau")
    low = actions.create(name="Bas", short_name="Bas", kind="service", city="Pau", parent=top)
    with pytest.raises(DBAPIError):
        _move(top, low)
    _agree()


STEPS = st.lists(
    st.tuples(st.sampled_from(["insert", "move", "close"]), st.integers(0, 40), st.integers(-1, 40)), max_size=40
)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(steps=STEPS)
def test_the_closure_is_the_recursion_after_any_inserts_moves_and_mergers(
    app: Flask, steps: list[tuple[str, int, int]]
) -> None:
    nodes = [actions.create(name=f"N{i}", short_name=f"N{i}", kind="service", city="Pau") for i in range(4)]
    for verb, first, second in steps:
        node = nodes[first % len(nodes)]
        other = None if second < 0 else nodes[second % len(nodes)]
        try:
            if verb == "insert":
                number = len(nodes)
                nodes.append(
                    actions.create(name=f"N{number}", short_name=f"N{number}", kind="service", city="Pau", parent=other)
                )
            elif verb == "move":
                actions.move(node, other, by=None)
            elif other is not None:
                closing.close(node, other, by=None)
        except (Refused, Conflict):
            session.rollback()
    _agree()
    deepest = session.execute(
        text(
            "SELECT max(c.depth) FROM administration_closure c JOIN administrations a ON a.id = c.descendant_id "
            "WHERE a.status = 'active'"
        )
    ).scalar_one()
    assert deepest < MOST_LEVELS
    lost = (
        "SELECT count(*) FROM administrations a JOIN administrations p ON p.id = a.parent_id "
        "WHERE a.status = 'active' AND p.status = 'closed'"
    )
    assert session.execute(text(lost)).scalar_one() == 0
