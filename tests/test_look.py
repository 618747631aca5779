"""The palette: text at 4.5:1, edges of controls at 3:1, by day and by night (RGAA 3.2, 3.3). One way to write style."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
STYLES = sorted((ROOT / "static" / "css").glob("*.css"))
TOKENS = (ROOT / "static" / "css" / "tokens.css").read_text()
DAY = dict(re.findall(r"--([\w-]+): light-dark\((#[0-9a-f]{6}), #[0-9a-f]{6}\);", TOKENS))
NIGHT = dict(re.findall(r"--([\w-]+): light-dark\(#[0-9a-f]{6}, (#[0-9a-f]{6})\);", TOKENS))

GROUNDS = ["ground", "paper", "sunk", "raised", "hover"]
TEXT = (
    [(ink, ground) for ink in ("ink", "ink-soft", "ink-faint", "link", "clay", "bad") for ground in GROUNDS]
    + [("ink", tint) for tint in ("main-tint", "clay-tint", "good-tint", "warn-tint", "bad-tint")]
    + [("ink-soft", tint) for tint in ("main-tint", "clay-tint", "good-tint", "warn-tint", "bad-tint")]
    + [("ink-faint", tint) for tint in ("clay-tint",)]
    + [("main-ink", "main"), ("main-ink", "main-deep"), ("bad-ink", "bad-fill"), ("link", "main-tint")]
    + [("clay", "clay-tint"), ("good", "good-tint"), ("warn", "warn-tint"), ("bad", "bad-tint")]
    + [("ink", f"hue-{number}") for number in range(6)]
)
EDGES = (
    [("line-strong", ground) for ground in ("ground", "paper", "sunk", "hover")]
    + [(mark, ground) for mark in ("main", "clay-mark", "ring") for ground in GROUNDS]
    + [("ring", "ring-inner"), ("main", "main-tint")]
)


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio, from 1 to 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def poor(palette: dict[str, str], pairs: list[tuple[str, str]], least: float) -> dict[tuple[str, str], float]:
    """The pairs that have less contrast than `least`, with what they have."""
    ratios = {(one, other): contrast(palette[one], palette[other]) for one, other in pairs}
    return {pair: round(ratio, 2) for pair, ratio in ratios.items() if ratio < least}


@pytest.mark.parametrize("palette", [DAY, NIGHT], ids=["day", "night"])
def test_text_is_read_on_every_ground(palette: dict[str, str]) -> None:
    assert poor(palette, TEXT, 4.5) == {}


@pytest.mark.parametrize("palette", [DAY, NIGHT], ids=["day", "night"])
def test_the_edge_of_a_control_is_seen(palette: dict[str, str]) -> None:
    assert poor(palette, EDGES, 3) == {}


@pytest.mark.parametrize("sheet", STYLES, ids=lambda sheet: sheet.stem)
def test_a_sheet_uses_only_tokens_that_exist(sheet: Path) -> None:
    known = set(re.findall(r"--([\w-]+):", TOKENS))
    assert set(re.findall(r"var\(--([\w-]+)", sheet.read_text())) <= known


@pytest.mark.parametrize("sheet", STYLES, ids=lambda sheet: sheet.stem)
def test_every_rule_is_in_a_layer(sheet: Path) -> None:
    depth, outside = 0, ""
    text = re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL)
    for letter in text:
        depth += (letter == "{") - (letter == "}")
        if depth == 0:
            outside += letter
    assert set(re.findall(r"@?[\w-]+", outside.replace("}", " "))) <= {
        "@layer",
        "@font-face",
        "reset",
        "tokens",
        "base",
        "components",
        "pages",
        "@import",
        "css",
        *(sheet.stem for sheet in STYLES),
    }


def test_every_sheet_is_served() -> None:
    imported = re.findall(r'@import "([\w-]+)\.css";', (ROOT / "static" / "css" / "resana.css").read_text())
    assert sorted([*imported, "resana"]) == [sheet.stem for sheet in STYLES]


def test_no_template_carries_style_or_script() -> None:
    for template in (ROOT / "templates").rglob("*.html"):
        text = template.read_text()
        assert not re.search(r"\sstyle=|<style|\son\w+=\"", text), template
        assert all("src=" in tag or "importmap" in tag for tag in re.findall(r"<script[^>]*>", text)), template
