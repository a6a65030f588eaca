"""A PostgreSQL server for one run of the tests: its own folder, its own socket, nothing that listens on a network."""

from collections.abc import Iterator
from contextlib import contextmanager
import os
from pathlib import Path
import pwd
import shutil
import subprocess
import tempfile
from typing import Any

from sqlalchemy import create_engine
from sqlalchemy.engine import URL

ROOT = Path(__file__).resolve().parents[2]

# Nothing of it outlives the run, so it need not wait for a disk.
OPTIONS = ("listen_addresses=", "fsync=off", "synchronous_commit=off", "full_page_writes=off", "jit=off")


def _programs() -> Path:
    found = subprocess.run([ROOT / "scripts/lib/postgresql.sh"], check=True, stdout=subprocess.PIPE, text=True)
    return Path(found.stdout.strip())


def _somebody() -> dict[str, Any]:
    """A server refuses to be run by root."""
    if os.geteuid():
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


@contextmanager
def running_server(*more: str, lets_in: str | None = None) -> Iterator[URL]:
    """Start a server, with `more` options, and tell where it is; stop it and remove all of it afterwards.

    `lets_in` is who may come in from where, as lines of `pg_hba.conf` do; without it everybody does.
    """
    programs, somebody = _programs(), _somebody()
    # The path of a socket has to be short.
    folder = Path(tempfile.mkdtemp(prefix="evse-pg-", dir="/tmp"))
    if somebody:
        os.chown(folder, somebody["user"], somebody["group"])

    def run(program: str, *arguments: str) -> None:
        command = [programs / program, *arguments]
        subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL, env={"LC_ALL": "C"}, **somebody)

    data, log = str(folder / "data"), str(folder / "log")
    try:
        run("initdb", "--auth=trust", "--encoding=UTF8", "--no-sync", "--username=evse", "-D", data)
        if lets_in is not None:
            Path(data, "pg_hba.conf").write_text(lets_in, encoding="utf-8")
        options = " ".join(f"-c {option}" for option in (*OPTIONS, *more))
        run("pg_ctl", "start", "--wait", "-D", data, "-l", log, "-o", f"-k {folder} {options}")
        try:
            yield URL.create("postgresql+psycopg", "evse", query={"host": str(folder)}, database="postgres")
        finally:
            run("pg_ctl", "stop", "--wait", "--mode=immediate", "-D", data)
    finally:
        shutil.rmtree(folder)


@contextmanager
def database_of(server: URL, name: str, like: str = "template1") -> Iterator[str]:
    """Make a database on a server, empty or like another one, and drop it again."""
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {like}")
    try:
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
        engine.dispose()
