"""The assets as they stand at one moment: read, joined, resolved and named by their contents."""

from __future__ import annotations

import gzip
import hashlib
import json
import posixpath
import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import Lock
from time import monotonic
from urllib.parse import quote

from markupsafe import Markup

FONT = "@fontsource-variable/atkinson-hyperlegible-next"

# name of the asset: (package, file in it). pdf.js comes in its build for browsers that are some years old.
PACKAGES = {
    "vendor/turbo.js": ("@hotwired/turbo", "dist/turbo.es2017-esm.js"),
    "vendor/stimulus.js": ("@hotwired/stimulus", "dist/stimulus.js"),
    "vendor/socket.io.js": ("socket.io-client", "dist/socket.io.esm.min.js"),
    "vendor/pdf.js": ("pdfjs-dist", "legacy/build/pdf.min.mjs"),
    "vendor/pdf.worker.js": ("pdfjs-dist", "legacy/build/pdf.worker.min.mjs"),
} | {
    f"fonts/atkinson-hyperlegible-next-{part}.woff2": (FONT, f"files/atkinson-hyperlegible-next-{part}.woff2")
    for part in ("latin-wght-normal", "latin-wght-italic", "latin-ext-wght-normal", "latin-ext-wght-italic")
}

# name in an `import` statement: name of the asset. The files of static/js join them as `resana/<file>`.
MODULES = {
    "@hotwired/turbo": "vendor/turbo.js",
    "@hotwired/stimulus": "vendor/stimulus.js",
    "socket.io-client": "vendor/socket.io.js",
    "pdfjs-dist": "vendor/pdf.js",
    "pdfjs-dist/build/pdf.worker.mjs": "vendor/pdf.worker.js",
}

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
ALREADY_SMALL = {".ico", ".jpg", ".png", ".webp", ".woff2"}


class AssetError(LookupError):
    """A page, a style or a module names an asset or an icon that is not there."""


@dataclass(frozen=True)
class File:
    """One asset as it is sent."""

    name: str
    body: bytes

    @cached_property
    def digest(self) -> str:
        """Sixteen hexadecimal digits that stand for the content."""
        return hashlib.sha256(self.body).hexdigest()[:16]

    @cached_property
    def address(self) -> str:
        """Where a browser finds it; the application is at the root of its host, as its `__Host-` cookies are."""
        return f"/assets/{self.digest}/{quote(self.name)}"

    @property
    def content_type(self) -> str:
        """The media type, from the name."""
        return TYPES.get(posixpath.splitext(self.name)[1], "application/octet-stream")

    @cached_property
    def compressed(self) -> bytes | None:
        """The same in gzip, made at first need, or None where that would not be smaller."""
        if posixpath.splitext(self.name)[1] in ALREADY_SMALL:
            return None
        zipped = gzip.compress(self.body, mtime=0)
        return zipped if len(zipped) < len(self.body) else None


class Shelves:
    """The present shelf of an application; in development, a new one as soon as a file has changed."""

    def __init__(self, static: Path, packages: Path, *, watch: bool) -> None:
        self.static = static
        self.packages = packages
        self.watch = watch
        self.pause = 0.3  # seconds between two looks at the files
        self._looked = 0.0
        self._lock = Lock()
        self._shelf: Shelf | None = None
        self._seen: object = None

    def present(self) -> Shelf:
        """Return the shelf, complete and not changing any more."""
        shelf = self._shelf
        if shelf is not None and (not self.watch or monotonic() - self._looked < self.pause):
            return shelf
        with self._lock:
            paths = dict(self._paths())
            seen = {name: self._state(path) for name, path in paths.items()} if self.watch else None
            if self._shelf is None or seen != self._seen:
                self._shelf, self._seen = Shelf(paths), seen
            self._looked = monotonic()
            return self._shelf

    def _paths(self) -> Iterator[tuple[str, Path]]:
        for name, (package, file) in PACKAGES.items():
            yield name, self.packages / package / file
        for path in sorted(self.static.rglob("*")):
            relative = path.relative_to(self.static)
            if path.is_file() and not any(part.startswith(".") for part in relative.parts):
                yield relative.as_posix(), path

    @staticmethod
    def _state(path: Path) -> tuple[int, int] | None:
        try:
            state = path.stat()
        except FileNotFoundError:
            return None
        return state.st_mtime_ns, state.st_size


class Shelf:
    """Every asset at one moment, with the addresses that follow from their contents."""

    def __init__(self, paths: dict[str, Path]) -> None:
        self._paths = paths
        self._open: list[str] = []  # the styles being read, from the outermost in
        self.files: dict[str, File] = {}
        for name in paths:
            self.file(name)

        modules = {module: self.files[name].address for module, name in MODULES.items()} | {
            f"resana/{name.removeprefix('js/')}": file.address
            for name, file in self.files.items()
            if name.startswith("js/") and name.endswith(".js")
        }
        source = json.dumps({"imports": modules}, separators=(",", ":")).replace("<", "\\u003c")
        self.import_map = Markup(source)  # noqa: S704 - made of our own names, and without any "<"
        self.import_map_hash = policy_hash(source)
        self.progress_bar_hash = policy_hash(progress_bar_style(self.files["vendor/turbo.js"].body.decode()))

    def file(self, name: str) -> File:
        """Return the asset of this name; raise AssetError if there is none."""
        if name not in self.files:
            self.files[name] = self._read(name)
        return self.files[name]

    def _read(self, name: str) -> File:
        try:
            body = self._paths[name].read_bytes()
        except KeyError:
            raise AssetError(f"There is no asset {name!r}") from None
        except FileNotFoundError:
            raise AssetError(f"{self._paths[name]} is missing: `make run` and `make test` install it") from None
        if name.endswith(".css"):
            body = self._style(name).encode()
        elif name.startswith("js/") and RELATIVE_IMPORT.search(body):
            raise AssetError(f'{name} imports "./…": modules have hashed addresses, so import "resana/…" instead')
        return File(name, body)

    def _style(self, name: str) -> str:
        """Return a style with its imports put in their places and its addresses resolved, without comments."""
        if name not in self._paths:
            raise AssetError(f"{self._open[-1]} imports {name}, which is not there")
        if name in self._open:
            raise AssetError(f"{' → '.join([*self._open, name])}: styles import one another in a circle")
        self._open.append(name)
        try:
            text = COMMENT.sub("", self._paths[name].read_text(encoding="utf-8"))
            text = ADDRESS.sub(lambda found: self._address(name, found), text)
            return IMPORT.sub(lambda found: self._import(name, found), text).strip() + "\n"
        finally:
            self._open.pop()

    def _import(self, name: str, found: re.Match[str]) -> str:
        if found["rest"]:
            raise AssetError(f"{name}: {found[0]} is more than a file and a layer")
        text = self._style(beside(name, found["file"]))
        return f"@layer {found['layer']} {{\n{text}}}\n" if found["layer"] else text

    def _address(self, name: str, found: re.Match[str]) -> str:
        target = found["double"] or found["single"] or found["bare"] or ""
        if not target or target.startswith(("/", "#")) or ":" in target.split("/")[0]:
            return found[0]
        path, hash_mark, fragment = target.partition("#")
        return f'url("{self.file(beside(name, path)).address}{hash_mark}{fragment}")'


COMMENT = re.compile(r"/\*(?!!).*?\*/", re.DOTALL)
IMPORT = re.compile(
    r"""@import\s+(?P<quote>["'])(?P<file>[^"']+)(?P=quote)\s*(?:layer\((?P<layer>[\w.-]+)\))?\s*(?P<rest>[^;]*);\n?"""
)
ADDRESS = re.compile(r"""url\(\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^"'()\s]+))\s*\)""")
RELATIVE_IMPORT = re.compile(rb"""\b(?:from|import)\s*\(?\s*["']\.{1,2}/""")


def beside(name: str, relative: str) -> str:
    """Return the name that a relative address in the asset `name` points to."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), relative))


def policy_hash(source: str) -> str:
    """Return a source expression of the content security policy that allows exactly this text (CSP 3, 2.3.1)."""
    return f"'sha256-{b64encode(hashlib.sha256(source.encode()).digest()).decode()}'"


def progress_bar_style(turbo: str) -> str:
    """Return the text of the style element that Turbo will make, worked out from its source as its `unindent` does."""
    template = re.search(r"static get defaultCSS\(\) \{\s*return unindent`\n(.*?)`", turbo, re.DOTALL)
    duration = re.search(r"static animationDuration = (\d+);?", turbo)
    if template is None or duration is None:
        raise AssetError("This Turbo makes its progress bar in another way: see progress_bar_style")
    milliseconds = int(duration[1])
    text = template[1].replace("${ProgressBar.animationDuration}", str(milliseconds))
    text = text.replace("${ProgressBar.animationDuration / 2}", f"{milliseconds / 2:g}")
    lines = text.split("\n")
    indent = len(lines[0]) - len(lines[0].lstrip())
    return "\n".join(line[indent:] for line in lines)
