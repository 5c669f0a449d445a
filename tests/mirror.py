"""A real HTTP server over a folder, in place of where files are published."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


class Published(_Quiet):
    """Sends each file under a strong ETag, with 304 for one that is known; without an ETag below ``plain/``.

    ``broken/`` breaks off half way, ``status/418`` answers with that status, ``silent`` never answers.
    """

    def __init__(self, *args: Any, asked: list[str], silence: threading.Event, **options: Any) -> None:
        self._asked = asked
        self._silence = silence
        super().__init__(*args, **options)

    def do_GET(self) -> None:
        kind = self.path.split("/")[1]
        if kind == "status":
            self._asked.append(self.path)
            self.send_error(int(self.path.split("/")[2]))
        elif kind == "silent":
            self._silence.wait(60)
        else:
            self._send(kind, Path(self.translate_path(self.path)))

    def _send(self, kind: str, path: Path) -> None:
        if not path.is_file():
            self.send_error(404)
            return
        content = path.read_bytes()
        tag = f'"{hash(content)}"'
        known = kind != "plain" and self.headers.get("If-None-Match") == tag
        self._asked.append(f"{304 if known else 200} {self.path}")
        self.send_response(304 if known else 200)
        if kind != "plain":
            self.send_header("ETag", tag)
        if not known:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if not known:
            self.wfile.write(content[: len(content) // 2] if kind == "broken" else content)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address under which the folder's files can be fetched, as long as the context lasts."""
    with _running(partial(_Quiet, directory=str(folder))) as address:
        yield address


@contextmanager
def published(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """The same by ``Published``, and what was asked for: status and path, in order."""
    asked: list[str] = []
    silence = threading.Event()
    with _running(partial(Published, directory=str(folder), asked=asked, silence=silence)) as address:
        try:
            yield address, asked
        finally:
            silence.set()


@contextmanager
def _running(handler: Any) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
