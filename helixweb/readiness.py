"""Whether what a process of HelixWeb leans on is there: the database with this release's tables, and Redis."""

from __future__ import annotations

import django
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from redis import Redis
from redis.exceptions import RedisError

from helixweb import addresses
from workflows.errors import HelixError

PATIENCE = 5.0  # seconds that Redis gets to answer


class NotReady(HelixError):
    """Something that HelixWeb needs is not there; the message says what, and what to do."""

    code = "not-ready"


def set_up() -> None:
    """Load the settings. Raises NotReady where they make no sense."""
    try:
        django.setup()
    except ImproperlyConfigured as error:
        raise NotReady(str(error)) from None


def check() -> None:
    """Raises NotReady where the database or Redis does not answer, or the tables are not this release's."""
    try:
        check_database()
    finally:
        connection.close()
    check_redis()


def check_answer() -> None:
    """Raises NotReady where the database does not answer."""
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        named = addresses.database()
        where = f"at {named.shown}, which {addresses.DATABASE} names," if named else "in the var folder"
        raise NotReady(f"The database {where} cannot be used: {_first_line(error)}") from error


def check_database() -> None:
    """Raises NotReady where the database does not answer, or its tables are not this release's."""
    check_answer()
    executor = MigrationExecutor(connection)
    loader = executor.loader
    if executor.migration_plan(loader.graph.leaf_nodes()):
        raise NotReady("The database has not this release's tables yet. Run `helixweb migrate` first.")
    if set(loader.applied_migrations) - loader.disk_migrations.keys():
        raise NotReady("The database has the tables of a newer release of HelixWeb. Start that one.")


def check_redis() -> None:
    """Raises NotReady where Redis does not answer."""
    try:
        with Redis.from_url(addresses.redis(), socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE) as client:
            client.ping()
    except RedisError as error:
        where = f"{addresses.redis_shown()}, which {addresses.REDIS} names,"
        raise NotReady(f"Redis at {where} does not answer: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    lines = str(error).splitlines()
    return lines[0] if lines else type(error).__name__
