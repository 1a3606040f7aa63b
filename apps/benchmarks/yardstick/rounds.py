"""Runs scenarios against peers, one after another, round by round."""

import json
import os
import sqlite3
import subprocess
from collections.abc import Iterable
from pathlib import Path

from . import postgresql, programs, results
from .peers import LOAD_CPU, SERVER_CPU, Peer, Running, fresh_database, started
from .scenarios import Scenario
from .shape import Shape


def load(
    server: Running,
    arguments: Iterable[object],
    seconds: float,
    cpu: int | None = LOAD_CPU,
    patience: float = 0,
) -> dict:
    """One run of the load generator: what it says, with `ok` false if anything was wrong.

    seconds: how long it measures
    patience: seconds more than usual before it gives up
    """
    pin = ["--cpu", str(cpu)] if cpu is not None and (os.cpu_count() or 1) > 1 else []
    timeout = seconds * 4 + 25 + patience
    command = [programs.LOAD, *map(str, arguments), *server.peer.messages.extra, *pin,
               "--url", server.url, "--pid", str(server.process.pid),
               "--duration", str(seconds), "--timeout", str(timeout),
               "--label", server.peer.name]  # fmt: skip
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout + 60)
    except subprocess.TimeoutExpired:
        return {"ok": False, "error": "the load generator did not end"}
    try:
        row = json.loads(done.stdout)
    except ValueError:
        return {"ok": False, "error": "no result", "stderr": done.stderr[-300:]}
    row["ok"] = row["ok"] and done.returncode == 0
    if not row["ok"] and done.stderr:
        row["stderr"] = done.stderr[-300:]
    return row


def with_many_rows(peer: Peer, rows: int) -> Path:
    """A database that the server has made, with that many rows, kept for later runs."""
    path = programs.WORK / f"{peer.name}-{rows}-rows.sqlite3"
    if path.is_file():
        return path
    fresh = fresh_database(f"{peer.name}-growing")
    with started(peer, fresh):
        pass
    database = sqlite3.connect(fresh)
    with database:
        (highest,) = database.execute("SELECT max(id) FROM message").fetchone()
        database.executemany(
            "INSERT INTO message (id, room_id, text, user_id) VALUES (?, 1, ?, ?)",
            ((id, f"message number {id} " + "y" * 80, id % 10 + 1)
             for id in range(highest + 1, rows + 1)),
        )  # fmt: skip
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return fresh.rename(path)


def run_one(scenario: Scenario, peer: Peer, shape: Shape, seconds: float) -> dict:
    """One run of a scenario against a fresh process of the peer."""
    database = None
    is_large = scenario.database == "many rows"
    if is_large and not peer.postgresql:
        database = with_many_rows(peer, shape.many_rows)
    with started(peer, database, SERVER_CPU) as server:
        if is_large and peer.postgresql:
            postgresql.add_rows(peer.postgresql, shape.many_rows)
        arguments = scenario.arguments(peer.messages, shape)
        if peer.warm_up:
            load(server, arguments, peer.warm_up)
        return load(server, arguments, seconds)


def run(
    scenarios: list[Scenario],
    peers: dict[str, Peer],
    rounds: int,
    seconds: float,
    shape: Shape,
    output: Path,
) -> list[dict]:
    """Runs each scenario against each of its peers in each round; appends the rows to a file."""
    rows = []
    for number in range(1, rounds + 1):
        for scenario in scenarios:
            for name in scenario.peers:
                if name not in peers:
                    continue
                row = run_one(scenario, peers[name], shape, seconds)
                row |= {"test": scenario.name, "peer": name, "round": number,
                        "seconds": seconds, "load1": os.getloadavg()[0],
                        "shape": shape.changes}  # fmt: skip
                results.append(output, row)
                rows.append(row)
                figure = results.value(row, scenario.metric)
                said = f"{figure:g}" if figure is not None else f"NOT RIGHT {results.faults(row)}"
                print(f"round {number}/{rounds}  {scenario.name:16} {name:16} {said}", flush=True)
    return rows
