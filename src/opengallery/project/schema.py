"""Is the database fit to be served? Reachable, new enough, of our kind, and with every migration applied."""

import pkgutil
from pathlib import Path
from typing import Any, LiteralString

import psycopg

from opengallery.kit.env import env
from opengallery.project.embedded import CannotRun

OLDEST = 15
# The database says of itself what it is, so that it stays true in a dump and behind another data folder.
KINDS: dict[bool, LiteralString] = {False: "OpenGallery, ordinary", True: "OpenGallery, sandbox"}
MIGRATING = 7_303_014_020  # the advisory lock of those who migrate


def check_database() -> None:
    """Refuse, in one sentence, a database that cannot be served as it is; raises CannotRun."""
    with connect() as connection:
        check_server(connection)
        if missing_migrations(connection):
            raise CannotRun('The database is not up to date: run "opengallery migrate" first.')


def migrate() -> None:
    """Apply what is missing; of several processes that try at once, one works and the others wait for it."""
    from django.core.management import call_command

    with connect() as connection:
        check_server(connection)
        connection.execute("SELECT pg_advisory_lock(%s)", [MIGRATING])
        if missing_migrations(connection):
            call_command("migrate", interactive=False, verbosity=0)
        connection.execute("COMMENT ON TABLE django_migrations IS '" + KINDS[env.sandbox] + "'")


def connect() -> "psycopg.Connection[tuple[Any, ...]]":
    """A connection of our own, which does not wait in Django's pool for a server that is not there."""
    try:
        return psycopg.connect(env.database_url or "", connect_timeout=5, autocommit=True)
    except psycopg.Error as error:
        reason = " ".join(str(error).split())
        raise CannotRun(f"The database cannot be reached: {reason}.") from None


def check_server(connection: "psycopg.Connection[tuple[Any, ...]]") -> None:
    """Refuse a server that is too old, and a database that belongs to the other kind of installation."""
    check_version(connection.info.server_version)
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise CannotRun(f"The database is encoded in {encoding}, but must be UTF8.")
    row = connection.execute("SELECT obj_description(to_regclass('django_migrations'))").fetchone()
    if row and row[0] == KINDS[not env.sandbox]:
        raise CannotRun(
            "The database belongs to an ordinary installation, which never becomes a sandbox."
            if env.sandbox
            else "The database belongs to a sandbox, which never becomes an ordinary installation."
        )


def check_version(number: int) -> None:
    """Refuse a PostgreSQL older than 15; `number` as the server gives it, 150004 for 15.4."""
    if number < OLDEST * 10_000:
        raise CannotRun(f"PostgreSQL {number // 10_000} is too old: OpenGallery needs PostgreSQL {OLDEST} or later.")


def missing_migrations(connection: "psycopg.Connection[tuple[Any, ...]]") -> set[tuple[Any, ...]]:
    """The migrations, as (app, name), that the program has and the database has not.

    By file names alone: importing them all, as Django's own check does, would take longer than all else at a start.
    """
    from django.apps import apps

    has = {
        (app.label, module.name)
        for app in apps.get_app_configs()
        for module in pkgutil.iter_modules([str(Path(app.path) / "migrations")])
        if not module.name.startswith("_")
    }
    if connection.execute("SELECT to_regclass('django_migrations')").fetchone() == (None,):
        return has
    return has - set(connection.execute("SELECT app, name FROM django_migrations"))
