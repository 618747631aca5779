"""The product, served as `make run` serves it, in a process of its own; and how much memory it takes."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import websocket

ROOT = Path(__file__).parents[1]
START_S, STOP_S = 60, 20


class Server:
    """A running server: where it is, its processes, and how to speak to it."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.process = process
        self.port = port
        self.url = f"http://127.0.0.1:{port}"

    def raw(self, *, origin: str | None = None, cookie: str | None = None) -> websocket.WebSocket:
        """A WebSocket without Socket.IO's manners."""
        line = websocket.WebSocket()
        line.connect(
            f"ws://127.0.0.1:{self.port}/socket.io/?EIO=4&transport=websocket",
            timeout=5,
            suppress_origin=origin is None,
            origin=origin,
            cookie=cookie,
        )
        return line

    def pids(self) -> list[int]:
        """The master and what it started."""
        found = [self.process.pid]
        for parent in found:
            with contextlib.suppress(OSError):
                for task in Path(f"/proc/{parent}/task").iterdir():
                    found += [int(one) for one in (task / "children").read_text().split()]
        return found

    def memory(self, peak: bool = False) -> int:
        """Bytes that its processes hold in memory together (pages that they share count in each); at most so far."""
        return sum(_status(pid, "VmHWM" if peak else "VmRSS") for pid in self.pids())


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextlib.contextmanager
def serving(settings: dict[str, str], port: int, said: int | IO[bytes] = subprocess.DEVNULL) -> Iterator[Server]:
    """Serve with these settings and no others; end it by its pid, whatever happens. `said`: where its output goes."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RESANA_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py", "wsgi:app"],
        cwd=ROOT,
        env=environment | settings | {"RESANA_PORT": str(port)},
        stdout=said,
        stderr=None if said == subprocess.DEVNULL else subprocess.STDOUT,
    )
    server = Server(process, port)
    try:
        _wait(server)
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            for pid in reversed(server.pids()):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            process.wait()


def _status(pid: int, name: str) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * 1024
    return 0


def _wait(server: Server) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        if server.process.poll() is not None:
            raise RuntimeError(f"the server ended with {server.process.returncode}")
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
        with contextlib.suppress(OSError), contextlib.closing(connection):
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        time.sleep(0.1)
    raise RuntimeError("the server is not ready")
