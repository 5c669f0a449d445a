"""The web process: ``python -m helixweb.web FD`` serves on a socket that the supervisor has bound and keeps open.

``helixweb web`` binds one itself.
"""

from __future__ import annotations

import gc
import socket
import sys

import uvicorn

from workflows.errors import HelixError


class CannotListen(HelixError):
    code = "cannot-listen"

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(f"Port {port} of {host} cannot be listened on: {reason}. --port and --host choose others.")


def listen(host: str, port: int) -> socket.socket:
    """A socket bound to an address. Raises CannotListen."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise CannotListen(host, port, str(error.strerror or error).partition(" (")[0].lower()) from error


def serve(listening: socket.socket) -> None:
    """Serve until SIGTERM."""
    config = uvicorn.Config(
        "helixweb.asgi:application",
        loop="uvloop",
        http="httptools",
        ws="websockets-sansio",
        ws_max_size=1 << 16,
        lifespan="off",
        log_config=None,  # as settings say
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    config.load()
    gc.freeze()  # what was imported stays: a collection while somebody types need not walk all of it
    uvicorn.Server(config).run(sockets=[listening])


def main() -> None:
    serve(socket.socket(fileno=int(sys.argv[1])))


if __name__ == "__main__":
    main()
