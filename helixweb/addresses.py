"""Where the database and Redis answer: as the environment says, else the embedded ones. No Django here.

A password stands in a file of its own or in the address; no message repeats it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit

from helixweb import places
from workflows.errors import HelixError

DATABASE: Final = "HELIX_DATABASE"
REDIS: Final = "HELIX_REDIS"
SITE: Final = "HELIX_URL"
PASSWORD_FILE: Final = "_PASSWORD_FILE"


class AddressRefused(HelixError):
    """A variable of the environment holds no address of its kind."""

    code = "address-refused"

    def __init__(self, variable: str, expected: str, problem: str) -> None:
        super().__init__(f"{variable} is {expected}: {problem}.")


@dataclass(frozen=True, slots=True)
class Postgres:
    """A PostgreSQL database. ``options`` are libpq's connection parameters, such as ``sslmode``."""

    host: str
    port: int
    name: str
    user: str
    password: str = field(repr=False)
    options: dict[str, str]

    @property
    def shown(self) -> str:
        """The address for people, without the password."""
        return f"postgresql://{self.user}@{self.host}:{self.port}/{self.name}"

    def django(self) -> dict[str, Any]:
        """The database as Django's settings have it. A connection lasts for one request or task."""
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": self.name,
            "USER": self.user,
            "PASSWORD": self.password,
            "HOST": self.host,
            "PORT": self.port,
            "CONN_MAX_AGE": 0,
            "OPTIONS": {"connect_timeout": 5, "application_name": "helixweb", **self.options},
        }


def database() -> Postgres | None:
    """The database that HELIX_DATABASE names; None where SQLite in the var folder serves. Raises AddressRefused."""
    expected = "postgresql://USER@HOST:PORT/NAME"
    address = os.environ.get(DATABASE)
    if not address:
        return None
    with _refusing(DATABASE, expected):
        parts = _split(address, "postgresql", "postgres")
        name = unquote(parts.path.removeprefix("/"))
        if not (parts.hostname and parts.username and name):
            raise ValueError("it needs a user, a host and the database's name")
        return Postgres(
            host=parts.hostname,
            port=_port(parts) or 5432,
            name=name,
            user=unquote(parts.username),
            password=_password(DATABASE, parts),
            options=dict(parse_qsl(parts.query, strict_parsing=True)) if parts.query else {},
        )


def redis() -> str:
    """The address of Redis, password and all: HELIX_REDIS, else the socket in the var folder. Raises AddressRefused."""
    address = os.environ.get(REDIS)
    if not address:
        return f"unix://{places.redis_socket()}"
    with _refusing(REDIS, "redis://HOST:PORT/NUMBER (rediss:// with TLS)"):
        parts = _split(address, "redis", "rediss")
        if not parts.hostname:
            raise ValueError("it needs a host")
        password = _password(REDIS, parts)
        account = f"{parts.username or ''}:{quote(password, safe='')}@" if password else ""
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        return f"{parts.scheme}://{account}{host}:{_port(parts) or 6379}{parts.path or '/0'}"


def redis_shown() -> str:
    """The address of Redis for people, without the password. Raises AddressRefused."""
    address = redis()
    scheme, _, rest = address.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"


def broker() -> str:
    """The address of Redis as Celery writes it. Raises AddressRefused."""
    address = redis()
    return f"redis+socket://{address.removeprefix('unix://')}" if address.startswith("unix://") else address


def site() -> SplitResult | None:
    """The address that browsers use, where a proxy or a published port stands before the server: HELIX_URL."""
    address = os.environ.get(SITE)
    if not address:
        return None
    with _refusing(SITE, "https://NAME, the address that browsers use"):
        parts = _split(address.rstrip("/"), "https", "http")
        if not parts.hostname or parts.path or parts.query or parts.fragment or parts.username:
            raise ValueError("it has a scheme, a name and perhaps a port, and nothing else")
        _port(parts)
        return parts


@contextmanager
def _refusing(variable: str, expected: str) -> Iterator[None]:
    try:
        yield
    except (ValueError, OSError) as error:
        problem = f"{error.filename} cannot be read" if isinstance(error, OSError) else str(error)
        raise AddressRefused(variable, expected, problem) from None


def _split(address: str, *schemes: str) -> SplitResult:
    # What urllib says of an address repeats parts of it, and a part may be of the password.
    try:
        parts = urlsplit(address)
    except ValueError:
        raise ValueError("what it holds is no address") from None
    if parts.scheme not in schemes:
        raise ValueError(f"it begins with {schemes[0]}://")
    return parts


def _port(parts: SplitResult) -> int | None:
    try:
        return parts.port
    except ValueError:
        raise ValueError("its port is no number; is a special character of the password not written as %XX?") from None


def _password(variable: str, parts: SplitResult) -> str:
    """The password in the file that VARIABLE_PASSWORD_FILE names, else the one in the address, else none."""
    file = os.environ.get(variable + PASSWORD_FILE)
    if file:
        return Path(file).read_text(encoding="utf-8").strip()
    return unquote(parts.password or "")
