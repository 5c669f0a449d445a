"""The commands of a deployment whose processes run apart: ``helixweb migrate``, ``web``, ``worker``, ``explorer``
and ``health``.

They take the database, Redis and the rest from the environment, check it, and say in one line what is missing.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, Final

from workflows.errors import HelixError

BEAT: Final = "HELIX_BEAT"
BEAT_OUTDATED: Final = 30.0  # seconds: six beats
WEB_PATIENCE: Final = 5.0


class Unwell(HelixError):
    """A process of HelixWeb does not do its work."""

    code = "unwell"


def add_commands(commands: Any, port: Callable[[str], int]) -> None:
    """Add the commands to the command line's; ``port`` reads a port."""
    migrate = commands.add_parser("migrate", help="bring the database's tables up to date")
    migrate.set_defaults(command=_migrate)
    web = commands.add_parser("web", help="serve the page and the API alone, on a database and Redis that are named")
    web.add_argument("--host", default="127.0.0.1", help="the address to listen on")
    web.set_defaults(command=_web)
    worker = commands.add_parser("worker", help="work on runs alone, as any number of workers may at once")
    worker.set_defaults(command=_worker)
    explorer = commands.add_parser("explorer", help="answer the questions of charts alone, as any number may at once")
    explorer.set_defaults(command=_explorer)
    health = commands.add_parser("health", help="whether the database and Redis answer: exit status 1 where not")
    health.add_argument(
        "process", nargs="?", choices=("web", "worker", "explorer"), help="whether this process does its work, here"
    )
    health.set_defaults(command=_health)
    for command in (web, health):
        command.add_argument(
            "--port", type=port, default=os.environ.get("HELIX_PORT") or "8000", help="of the web process"
        )


def _set_up() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helixweb.settings")
    from helixweb import readiness

    readiness.set_up()


def _migrate(_: argparse.Namespace) -> int:
    _set_up()
    from helixweb.preparation import prepare

    prepare()
    print("The database has this release's tables.")
    return 0


def _web(options: argparse.Namespace) -> int:
    _set_up()
    from helixweb import readiness, web

    readiness.check()
    web.serve(web.listen(options.host, options.port))
    return 0


def _worker(_: argparse.Namespace) -> int:
    _set_up()
    from helixweb import readiness, worker

    readiness.check()
    worker.main()
    return 0


def _explorer(_: argparse.Namespace) -> int:
    _set_up()
    from helixweb import explorer, readiness

    readiness.check()
    explorer.main()
    return 0


def _health(options: argparse.Namespace) -> int:
    if options.process == "web":
        _check_web(options.port)
    elif options.process in ("worker", "explorer"):
        _check_worker()
    else:
        _set_up()
        from helixweb import readiness

        readiness.check()
    print("healthy")
    return 0


def _check_web(port: int) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=WEB_PATIENCE)
    try:
        connection.request("GET", "/api/health")
        status = connection.getresponse().status
        if status != HTTPStatus.OK:
            raise Unwell(f"The web process on port {port} answers with status {status}; its log says why.")
    except (OSError, HTTPException) as error:
        raise Unwell(f"The web process on port {port} does not answer: {error}.") from error
    finally:
        connection.close()


def _check_worker() -> None:
    file = os.environ.get(BEAT)
    if not file:
        raise Unwell(f"{BEAT} names the file that a worker or an explorer touches every few seconds; set it for both.")
    try:
        age = time.time() - Path(file).stat().st_mtime
    except OSError:
        raise Unwell(f"Nothing has touched {file} yet, the file that {BEAT} names.") from None
    if age > BEAT_OUTDATED:
        raise Unwell(f"It has done nothing for {age:.0f} s.")
