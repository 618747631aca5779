"""Who is in front of us: so many trusted proxies, and no more."""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix


def init_app(app: Flask) -> None:
    """Believe the X-Forwarded-* headers of the trusted proxies only; a header sent by anybody else is ignored."""
    hops = app.config["SETTINGS"].proxy_hops
    if hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
