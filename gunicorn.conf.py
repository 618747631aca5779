"""How Resana is served: one process, many threads.

A WebSocket keeps its thread as long as its page is open, so the threads are counted in open pages, not in processors;
sockets are refused some way before the last thread so that pages always find one. A waiting thread costs little.
"""

import os
import re
import resource
from pathlib import Path

from gunicorn.glogging import Logger

development = os.environ.get("RESANA_ENV", "development") == "development"

wsgi_app = "wsgi:app"
bind = f"127.0.0.1:{os.environ.get('RESANA_PORT') or 8000}"
backlog = 2048

worker_class = "gthread"
workers = 1  # the rooms of the live pages are in this process; more of them need Redis and processes of their own
threads = 1000
worker_connections = 4000

timeout = 60  # without a sign of life from the worker, not for one request: a long upload is not cut
keepalive = 15
# Open sockets never finish by themselves, so a stop always waits for this long once a page is open.
graceful_timeout = 2 if development else 15

if Path("/dev/shm").is_dir():  # noqa: S108 - the worker's heartbeat must not wait for a disk
    worker_tmp_dir = "/dev/shm"  # noqa: S108


class Discreet(Logger):
    """An access log that keeps no secret: who reads it must not be able to choose somebody's password."""

    _LINK = re.compile(r"(/password/)(?!forgotten\b|sent\b)[^/?\s]+")

    def atoms(self, *request):
        """What a line may say, without the secrets of links."""
        said = super().atoms(*request)
        return {name: self._LINK.sub(r"\1…", one) if isinstance(one, str) else one for name, one in said.items()}


logger_class = Discreet
control_socket_disable = True  # it would be written into the home folder, one for all instances

accesslog = None if development else "-"
errorlog = "-"
loglevel = "warning" if development else "info"

# Two descriptors a connection at most, and files beside: take what the machine allows.
_soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
if _soft < _hard:
    resource.setrlimit(resource.RLIMIT_NOFILE, (_hard, _hard))


def post_worker_init(worker):
    """Begin to drain the outbox here, unless `flask worker` does: without it no mail would ever leave."""
    from resana.core.worker import start_inline

    app = worker.wsgi
    if app.config["WORKER"] == "inline":
        start_inline(app)
