"""Files behind addresses: fetched by whoever supervises a run, kept by their content, and asked after at every run.

A run process opens what was fetched and never the address itself, so the bytes that are scanned are those that were
hashed. http and https go through ``urllib``, which needs no further package; every other scheme through ``fsspec``.
Of what was fetched, LIMIT bytes are kept: what was used last, and all that a run may be about to read.
"""

from __future__ import annotations

import json
import logging
import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import timedelta
from email.message import Message
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from pathlib import Path
from typing import IO
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen
from uuid import uuid4

from blake3 import blake3

from workflows.errors import HelixError, nearest
from workflows.hashing import fingerprint
from workflows.ports import Cancellation
from workflows.store.files import FileMissing

logger = logging.getLogger(__name__)

TIMEOUT = 30.0  # seconds without a byte
LIMIT = 20_000_000_000  # bytes kept
IN_USE = 3600.0  # seconds for which a run may yet read what was fetched or confirmed for it
_TICK = 0.05  # seconds between two looks at the cancellation
_CHUNK = 1 << 20
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+(://|::)")
_TRUSTED_AGE = timedelta(seconds=60)  # a younger Last-Modified may stand for two contents (RFC 9110, 8.8.2.2)
_WHY = {
    401: "it asks for a password; fetch it by hand and put it into the data folder",
    403: "it may not be read from here; fetch it by hand and put it into the data folder",
    404: "there is no such file; look at the address",
    410: "it is gone; look for its new address",
    429: "the server asks for fewer requests; wait, and run again",
}


class FetchCancelled(HelixError):
    """Somebody asked to stop while a file was fetched."""

    code = "cancelled"

    def __init__(self, url: str) -> None:
        super().__init__(f"Cancelled while {url} was fetched.", path=url)


@dataclass(frozen=True, slots=True)
class _Record:
    """What is remembered of an address: the hash of its content, and the validators to ask with whether it still is."""

    url: str
    hash: str
    etag: str | None = None
    modified: str | None = None


def is_address(path: str) -> bool:
    return _ADDRESS.match(path) is not None


class Downloads:
    """The folder where what was fetched is kept: a file named by its BLAKE3 for each content, a record an address.

    With a ``cancellation``, a fetch ends when that is asked for, whatever the server does.
    """

    def __init__(self, folder: Path, cancellation: Cancellation | None = None) -> None:
        self._folder = folder
        self._cancellation = cancellation
        self._stop = threading.Event()

    def identity(self, url: str, *, read: bool) -> str | None:
        """The hash of what the address gives now. With ``read`` False nothing is fetched: what it gave last, or None.

        A server that vouches for its content (a strong ETag, or a Last-Modified of some age) is asked whether it is
        still the same; else all is fetched and hashed. Raises FileMissing, saying what to do, and FetchCancelled.
        """
        record = self._record(url)
        if not read:
            return None if record is None else record.hash
        with _told(url):
            fresh = self._until_cancelled(url, lambda: self._fresh(url, record))
        if fresh != record:
            self._write(self._place(url), json.dumps(asdict(fresh)).encode())
        with suppress(OSError):
            os.utime(self._folder / fresh.hash)
        self.evict()
        return fresh.hash

    def keep(self, content: bytes | memoryview) -> str:
        """The hash of the content, once it is in the folder as if it had been fetched."""
        self._folder.mkdir(parents=True, exist_ok=True)
        found = blake3(content).hexdigest()
        self._write(self._folder / found, content)
        self.evict()
        return found

    def evict(self) -> None:
        """Forget what was used longest ago, until LIMIT bytes are left; never what a run may be about to read."""
        now = time.time()
        kept: list[tuple[float, int, Path]] = []
        for path in self._folder.iterdir():
            with suppress(OSError):
                status = path.stat()
                if now - status.st_mtime > IN_USE and (path.suffix == ".part" or self._is_of_nothing(path)):
                    path.unlink()
                elif not path.suffix:
                    kept.append((status.st_mtime, status.st_size, path))
        excess = sum(size for _, size, _ in kept) - LIMIT
        for used, size, path in sorted(kept):
            if excess <= 0 or now - used < IN_USE:
                break
            path.unlink(missing_ok=True)
            excess -= size

    def _is_of_nothing(self, path: Path) -> bool:
        """Whether this is the record of an address whose content was forgotten."""
        return path.suffix == ".json" and not (self._folder / json.loads(path.read_bytes())["hash"]).exists()

    def content(self, url: str, expected: str) -> bytes:
        """The bytes that were fetched, which have the hash ``expected``. Raises FileMissing."""
        try:
            content = (self._folder / expected).read_bytes()
        except OSError:
            content = None
        if content is None or blake3(content).hexdigest() != expected:
            raise FileMissing(f"What {url} gave is no longer in the store; run again to fetch it anew.", path=url)
        return content

    def _fresh(self, url: str, record: _Record | None) -> _Record:
        return self._asked(url, record) if url.lower().startswith(("http://", "https://")) else self._opened(url)

    def _until_cancelled(self, url: str, fetch: Callable[[], _Record]) -> _Record:
        """What ``fetch`` gives or raises. Once somebody asks to stop, it is left alone: a thread that waits for a
        server cannot be ended, and ends itself at the next byte, or where none comes in time."""
        if self._cancellation is None:
            return fetch()
        outcome: Future[_Record] = Future()
        threading.Thread(target=_settle, args=(outcome, fetch), name="fetch", daemon=True).start()
        while not self._cancellation.requested():
            if wait([outcome], _TICK).done:
                return outcome.result()
        self._stop.set()
        raise FetchCancelled(url)

    def _asked(self, url: str, record: _Record | None) -> _Record:
        request = Request(url, headers={"User-Agent": "helixweb", "Cache-Control": "no-cache"})
        if record is not None and record.etag is not None:
            request.add_header("If-None-Match", record.etag)
        elif record is not None and record.modified is not None:
            request.add_header("If-Modified-Since", record.modified)
        try:
            with urlopen(request, timeout=TIMEOUT) as answer:
                expected = answer.headers.get("Content-Length")
                found, size = self._kept(answer)
                if expected is not None and size != int(expected):
                    raise FileMissing(
                        f"{url} broke off after {size:,} of {int(expected):,} bytes; run again.", path=url
                    )
                return _Record(url, found, *_validators(answer.headers))
        except HTTPError as error:
            error.close()
            if error.code == 304 and record is not None:
                return record
            raise

    def _opened(self, url: str) -> _Record:
        import fsspec

        with fsspec.open(url, "rb") as file:
            return _Record(url, self._kept(file)[0])

    def _kept(self, source: IO[bytes]) -> tuple[str, int]:
        """Hash and size of the content, once it is in the folder."""
        self._folder.mkdir(parents=True, exist_ok=True)
        incoming = self._folder / f"{uuid4().hex}.part"
        hasher, size = blake3(), 0
        try:
            with incoming.open("wb") as file:
                while chunk := source.read(_CHUNK):
                    if self._stop.is_set():
                        raise FetchCancelled(str(incoming))
                    hasher.update(chunk)
                    file.write(chunk)
                    size += len(chunk)
                file.flush()
                os.fsync(file.fileno())
            os.replace(incoming, self._folder / hasher.hexdigest())
        finally:
            incoming.unlink(missing_ok=True)
        return hasher.hexdigest(), size

    def _place(self, url: str) -> Path:
        return self._folder / f"{fingerprint('address', url)}.json"

    def _record(self, url: str) -> _Record | None:
        """What is remembered, where its content is still there."""
        try:
            record = _Record(**json.loads(self._place(url).read_bytes()))
        except (OSError, ValueError, TypeError):
            return None
        return record if (self._folder / record.hash).exists() else None

    def _write(self, place: Path, content: bytes | memoryview) -> None:
        incoming = self._folder / f"{uuid4().hex}.part"
        incoming.write_bytes(content)
        os.replace(incoming, place)


def _settle(outcome: Future[_Record], fetch: Callable[[], _Record]) -> None:
    try:
        outcome.set_result(fetch())
    except BaseException as error:  # noqa: BLE001 - raised again by whoever waits
        outcome.set_exception(error)


def _validators(headers: Message) -> tuple[str | None, str | None]:
    """ETag and Last-Modified, where they stand for these very bytes."""
    etag, modified, date = headers.get("ETag"), headers.get("Last-Modified"), headers.get("Date")
    try:
        age = parsedate_to_datetime(date or "") - parsedate_to_datetime(modified or "")
    except (ValueError, TypeError):
        age = timedelta(0)
    return (None if etag is None or etag.startswith("W/") else etag), (modified if age > _TRUSTED_AGE else None)


@contextmanager
def _told(url: str) -> Iterator[None]:
    """Whatever goes wrong at an address, as FileMissing that says what to do."""
    try:
        yield
    except (FileMissing, FetchCancelled):
        raise
    except HTTPError as error:
        why = _WHY.get(error.code) or ("the server failed; run again later" if error.code >= 500 else error.reason)
        raise _missing(url, f"{why} (HTTP {error.code})") from None
    except TimeoutError:
        raise _missing(url, f"nothing came for {TIMEOUT:g} s; run again later") from None
    except URLError as error:
        if isinstance(error.reason, TimeoutError):
            raise _missing(url, f"nothing came for {TIMEOUT:g} s; run again later") from None
        reason = getattr(error.reason, "strerror", None) or error.reason
        raise _missing(url, f"the server cannot be reached ({reason}); look at the address and the network") from None
    except ImportError as error:
        raise _missing(url, f"a package is missing: {error}") from None
    except FileNotFoundError:
        raise _missing(url, "there is no such file; look at the address") from None
    except (OSError, HTTPException) as error:
        raise _missing(url, f"{error or type(error).__name__}") from None
    except Exception as error:  # the edge of a foreign package: each file system raises what it likes
        logger.warning("could not open %s", url, exc_info=True)
        raise _missing(url, _scheme_hint(url) or f"{error or type(error).__name__}") from None


def _scheme_hint(url: str) -> str:
    from fsspec import available_protocols

    scheme = re.split("::|://", url)[0]
    known = available_protocols()
    near = nearest(scheme, known)
    return "" if scheme in known else f"`{scheme}` is no scheme that is known" + (f"; is it `{near}`?" if near else "")


def _missing(url: str, why: str) -> FileMissing:
    return FileMissing(f"{url} cannot be read: {why}.", path=url)
