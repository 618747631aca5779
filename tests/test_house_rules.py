"""Rules of the house, read from the code itself: what would be forgotten is named."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "resana"
ORDER = [
    ["core"],
    ["administrations"],
    ["accounts"],
    ["spaces"],
    ["documents", "discussions"],
    ["search", "home", "audit", "emergency", "live"],
]
ABOVE_ALL = {"__init__", "cli", "demo"}
BESIDE = {"permissions", "events", "acts", "pages"}
CONTENT = {"Space", "Grant", "Folder", "Document", "Version", "Thread", "Message", "Attachment", "AccessRequest"}
REFUSED_NAMES = {"utils", "helpers", "manager", "service", "handler", "common", "misc"}


def _modules() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _imports(tree: ast.Module, path: Path) -> Iterator[str]:
    """The packages of resana that a module imports: "core", "permissions"."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            parts = node.module.split(".")
            if parts[0] == "resana":
                yield from [parts[1]] if len(parts) > 1 else [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 2:
            yield node.module.split(".")[0] if node.module else node.names[0].name
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.startswith("resana."):
                    yield alias.name.split(".")[1]


def test_every_door_is_guarded(app: Flask) -> None:
    open_doors = [
        rule.rule for rule in app.url_map.iter_rules() if not hasattr(app.view_functions[rule.endpoint], "door")
    ]
    assert open_doors == []


def test_a_guard_finds_its_parameters_in_the_url(app: Flask) -> None:
    lost = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if not set(app.view_functions[rule.endpoint].door.parameters) <= rule.arguments  # type: ignore[attr-defined]
    ]
    assert lost == []


def test_imports_go_downwards() -> None:
    rank = {name: level for level, names in enumerate(ORDER) for name in names}
    wrong = []
    for path, tree in _modules():
        own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        if own in ABOVE_ALL or own in BESIDE:
            continue
        for other in _imports(tree, path):
            if other in rank and rank[other] > rank[own]:
                wrong.append(f"{_name(path)} imports {other}")
            if other == own or other not in rank:
                continue
            if rank[other] == rank[own] and {own, other} != {"discussions", "documents"}:
                wrong.append(f"{_name(path)} imports its neighbour {other}")
    assert wrong == []


def test_no_model_knows_the_permissions() -> None:
    wrong = [
        _name(path) for path, tree in _modules() if path.name == "models.py" and "permissions" in _imports(tree, path)
    ]
    assert wrong == []


def test_one_place_commits() -> None:
    wrong = [
        f"{_name(path)}:{node.lineno}"
        for path, tree in _modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr == "commit"
        and isinstance(node.value, ast.Name)
        and node.value.id == "session"
        and _name(path) != "resana/core/actions.py"
    ]
    assert wrong == []


def test_only_live_knows_sockets() -> None:
    wrong = []
    for path, tree in _modules():
        for node in ast.walk(tree):
            names = (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            knows = any(name.split(".")[0] in ("socketio", "flask_socketio", "engineio") for name in names)
            if knows and "live" not in path.parts:
                wrong.append(_name(path))
    assert wrong == []


def test_routes_do_not_choose_content_by_themselves() -> None:
    """What a page shows comes through `allowed`, `obtain` or a query module: no `select(Document)` in a route."""
    wrong = []
    for path, tree in _modules():
        if not re.fullmatch(r"(.*_)?(routes|api)\.py", path.name):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "select":
                first = node.args[0] if node.args else None
                root = first.value if isinstance(first, ast.Attribute) else first
                if isinstance(root, ast.Name) and root.id in CONTENT:
                    wrong.append(f"{_name(path)}:{node.lineno}")
    assert wrong == []


def test_no_text_of_sql_is_put_together() -> None:
    wrong = [
        f"{_name(path)}:{node.lineno}"
        for path, tree in _modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "text"
        and node.args
        and isinstance(node.args[0], ast.JoinedStr | ast.BinOp)
    ]
    assert wrong == []


def test_names_say_what_a_thing_is() -> None:
    wrong = [_name(path) for path in PACKAGE.rglob("*.py") if path.stem in REFUSED_NAMES]
    assert wrong == []


def test_no_script_and_no_style_inside_a_page() -> None:
    inside = re.compile(
        r"<style|\sstyle=|\son[a-z]+=[\"']|javascript:|<script(?![^>]*\b(src|type=\"importmap\"))", re.IGNORECASE
    )
    wrong = [
        f"{path.relative_to(ROOT)}: {found.group()}"
        for path in (ROOT / "templates").rglob("*.html")
        if (found := inside.search(re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)))
    ]
    assert wrong == []


def test_pages_link_to_endpoints_that_exist(app: Flask) -> None:
    link = re.compile(r"""url_for\(\s*["']([\w.]+)["']""")
    wrong = [
        f"{path.relative_to(ROOT)}: {endpoint}"
        for path in sorted((ROOT / "templates").rglob("*.html"))
        for endpoint in link.findall(path.read_text(encoding="utf-8"))
        if not endpoint.startswith(".") and endpoint not in app.view_functions
    ]
    assert wrong == []


@pytest.mark.parametrize("folder", ["resana", "templates"])
def test_french_is_set_as_french_is(folder: str) -> None:
    """A non-breaking space stands before : ; ? ! and inside « »; ’ is the apostrophe."""
    sentence = re.compile(
        r"""\b(?:_|_l|gettext|lazy_gettext|ngettext)\(\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')"""
    )
    bad = re.compile(r" [:;?!»]|« |\w'\w")
    wrong = []
    for path in sorted((ROOT / folder).rglob("*")):
        if path.suffix in (".py", ".html"):
            for match in sentence.finditer(path.read_text(encoding="utf-8")):
                words = match.group(1) or match.group(2) or ""
                if bad.search(words):
                    wrong.append(f"{path.relative_to(ROOT)}: {words}")
    assert wrong == []
