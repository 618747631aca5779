"""Icons: the Lucide set, drawn into the page so that they take its colour and cost no request."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from pathlib import Path

from markupsafe import Markup

from resana.core.shelf import AssetError


# A page draws the same few again and again. `typed`: a label that is Markup is not escaped, an equal string is.
@lru_cache(maxsize=4096, typed=True)
def drawn(name: str, label: str | None, size: int, packages: Path) -> Markup:
    """Return the icon as SVG, `size` pixels wide; raise AssetError if there is none of that name.

    Without a label it is decoration, with one an image that says it (RGAA 4.1.2, criteria 1.1 and 1.2).
    """
    meaning = Markup('aria-hidden="true"') if label is None else Markup('role="img" aria-label="{}"').format(label)
    return Markup(
        '<svg class="icon" width="{size}" height="{size}" viewBox="0 0 24 24" fill="none" stroke="currentColor" '
        'stroke-width="2" stroke-linecap="round" stroke-linejoin="round" {meaning}>{shapes}</svg>'
    ).format(size=size, meaning=meaning, shapes=shapes(name, packages))


@cache
def shapes(name: str, packages: Path) -> Markup:
    """Return the shapes inside an icon."""
    path = packages / "lucide-static" / "icons" / f"{name}.svg"
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) or not path.is_file():
        raise AssetError(f"There is no icon {name!r}; https://lucide.dev/icons shows those there are")
    inside = re.search(r"<svg[^>]*>(.*)</svg>", path.read_text(encoding="utf-8"), re.DOTALL)
    if inside is None:
        raise AssetError(f"{path} is no drawing")
    return Markup(re.sub(r">\s+<", "><", inside[1].strip()))  # noqa: S704 - from a pinned package, without scripts
