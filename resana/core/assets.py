"""What pages load: styles, scripts, fonts and icons, each under an address that changes with its content.

A page names an asset (`asset("css/base.css")`) and a browser keeps it for ever, because another content has another
address. There is no bundler: modules find one another through an import map, styles are joined by their own `@import`.
Only what is in static/ and what shelf.PACKAGES lists is served, nothing else of node_modules.
"""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Flask, Response, abort, current_app, g, request
from markupsafe import Markup

from resana.core.guarding import PUBLIC, guard
from resana.core.icons import drawn
from resana.core.shelf import Shelf, Shelves

bp = Blueprint("assets", __name__)


def init_app(app: Flask, static: Path | None = None, packages: Path | None = None) -> None:
    """Serve the assets of this application, and let its templates name them."""
    root = Path(app.root_path).parent
    app.extensions["assets"] = Shelves(
        static or root / "static",
        packages or root / "node_modules",
        watch=app.config.get("ENV", "development") == "development",
    )
    app.jinja_env.globals.update(asset=asset, icon=icon, import_map=import_map)
    app.register_blueprint(bp)


def asset(name: str) -> str:
    """Return the address of an asset, as `asset("css/base.css")`; raise AssetError if there is none of that name."""
    return shelf().file(name).address


def import_map() -> Markup:
    """Return what goes, to the letter, into `<script type="importmap">`."""
    return shelf().import_map


def import_map_hash() -> str:
    """Return the import map's hash as the content security policy writes it."""
    return shelf().import_map_hash


def progress_bar_hash() -> str:
    """Return the hash of the one style element that Turbo puts into pages: its progress bar's."""
    return shelf().progress_bar_hash


def icon(name: str, label: str | None = None, size: int = 20) -> Markup:
    """Return an icon as inline SVG, `size` pixels wide; raise AssetError if there is none of that name.

    Without a label it is decoration, and screen readers pass over it; with one, it is an image of that name.
    """
    return drawn(name, label, size, shelves().packages)


@bp.get("/assets/<digest>/<path:name>")
@guard(PUBLIC)
def serve(digest: str, name: str) -> Response:
    """Send an asset, to be kept for ever; 404 under any address but its present one."""
    file = shelf().files.get(name)
    if file is None or file.digest != digest:
        abort(404)
    zipped = file.compressed if request.accept_encodings.quality("gzip") > 0 else None
    response = Response(zipped or file.body, content_type=file.content_type)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.vary.add("Accept-Encoding")
    if zipped:
        response.content_encoding = "gzip"
    response.set_etag(f"{digest}-gzip" if zipped else digest)
    response.make_conditional(request)
    return response


def shelves() -> Shelves:
    """The shelves of the current application."""
    found: Shelves = current_app.extensions["assets"]
    return found


def shelf() -> Shelf:
    """The shelf as it stood when the request first asked, so that a page and its policy speak of the same files."""
    if "assets" not in g:
        g.assets = shelves().present()
    present: Shelf = g.assets
    return present
