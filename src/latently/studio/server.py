"""Listening: a port of this machine, or of a network and a token."""

from __future__ import annotations

import errno
import secrets
import socket
import sys
import webbrowser
from pathlib import Path
from threading import Timer

import uvicorn

import latently

from . import pages
from .application import application
from .guard import LOOPBACK, Guard

ANY = ("0.0.0.0", "::")


def run(folder: Path, host: str, port: int, browser: bool) -> None:
    """Serves until Ctrl-C."""
    listening = listen(host, port)
    port = listening.getsockname()[1]
    token = None if host in LOOPBACK else secrets.token_urlsafe(24)
    address = f"http://{_written(host)}:{port}/" + (f"?token={token}" if token else "")
    app = application(folder)
    pages.add(app)
    hosts = LOOPBACK if token is None else (() if host in ANY else (*LOOPBACK, _written(host).lower()))
    print(f"The studio over {folder} is at {address}\nCtrl-C ends it; a training that goes on is not ended.")
    if token:
        print("Whoever has this address can use it: the network carries it as it is, without encryption.")
    sys.stdout.flush()
    if browser:
        Timer(0.8, webbrowser.open, [address]).start()
    guarded = Guard(app, hosts, token)
    config = uvicorn.Config(guarded, log_level="warning", access_log=False, timeout_graceful_shutdown=2)
    uvicorn.Server(config).run([listening])


def listen(host: str, port: int) -> socket.socket:
    """A socket at that address.

    Raises
    ------
    OutputError
        The port is taken, or the address is none of this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    if sys.platform != "win32":
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host.strip("[]"), port))
        listening.listen(128)
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            raise latently.OutputError(
                f"port {port} is in use, perhaps by another studio; choose another with --port, or 0 for any."
            ) from error
        raise latently.OutputError(
            f"the studio cannot listen at {host}, port {port} ({error.strerror or error}); choose another --host or "
            "--port."
        ) from error
    return listening


def _written(host: str) -> str:
    """As it stands in an address."""
    if host in ANY:
        return socket.gethostname()
    return f"[{host}]" if ":" in host and not host.startswith("[") else host
