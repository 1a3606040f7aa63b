"""The PostgreSQL server that servers are measured over: on the disk, each commit synced."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from . import programs

SCRIPT = programs.ROOT / "scripts" / "postgresql"


@contextmanager
def running() -> Iterator[str]:
    """Its URL."""
    # A folder that PostgreSQL's own user can enter.
    folder = tempfile.mkdtemp(prefix="dcrf-bench-", dir="/var/tmp")
    os.chmod(folder, 0o755)
    settings = os.environ | {"DCRF_POSTGRESQL_FSYNC": "on"}
    start = subprocess.run([SCRIPT, "start", folder], env=settings, check=True,
                           stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)  # fmt: skip
    try:
        yield start.stdout.strip()
    finally:
        subprocess.run([SCRIPT, "stop", folder, "immediate"], check=True)
        subprocess.run(["rm", "-rf", folder], check=True)


def execute(url: str, sql: str) -> None:
    command = ["psql", "--no-psqlrc", "--quiet", url, "--command", sql]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def empty(url: str) -> None:
    execute(url, "SET client_min_messages = warning; DROP SCHEMA public CASCADE; CREATE SCHEMA public")


def add_rows(url: str, rows: int) -> None:
    """To the table that a server has made, up to this key."""
    execute(
        url,
        "INSERT INTO message (id, room_id, text, user_id) SELECT n, 1, 'message number ' || n || ' ' "
        "|| repeat('y', 80), n % 10 + 1 FROM generate_series((SELECT max(id) + 1 FROM message), "
        f"{rows}) AS n",
    )
    execute(url, "VACUUM ANALYZE message")
