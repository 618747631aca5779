"""How open pages hear of what happens: the only package that knows Socket.IO. For every open page. HTTP is the truth;
the socket is a courtesy, and a page that missed something asks again.
"""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Add the calls and the sockets, and listen to what this process does."""
    from resana.accounts import presence
    from resana.spaces import streams

    from . import api, sockets
    from .telegraph import Telegraph

    app.register_blueprint(api.bp)
    hub = sockets.open_sockets(app)
    app.extensions["live"] = hub
    streams.listen(hub.heard)
    presence.listen(hub.ended)
    if url := app.config["SETTINGS"].redis_url:
        telegraph = Telegraph(url, hub)
        hub.on_first_socket = telegraph.listen
        streams.listen(telegraph.event)
        presence.listen(telegraph.ended)
