"""Raw results: one object of JSON a line, of one run each."""

import json
from collections.abc import Iterable
from pathlib import Path

# Members that say what was wrong with a run.
FAULTS = ("lost", "duplicates", "out_of_order", "bad_status", "bad_content", "bad_events",
          "unknown_id", "protocol_errors", "unexpected_close", "connect_errors",
          "missing_pub_acks", "timed_out", "error", "stderr")  # fmt: skip


def read(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def append(path: Path, row: dict) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        file.write(json.dumps(row, ensure_ascii=False) + "\n")


def value(row: dict, member: str) -> float | None:
    """The figure under a name such as `latency_us.p50`; none of a run that was not right."""
    found: object = row if row.get("ok") else None
    for name in member.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, int | float) else None


def values(rows: Iterable[dict], scenario: str, peer: str, member: str) -> dict[int, float]:
    """The figures of the runs that were right, by round."""
    found = {}
    for row in rows:
        if row["test"] == scenario and row["peer"] == peer:
            figure = value(row, member)
            if figure is not None:
                found[row["round"]] = figure
    return found


def faults(row: dict) -> dict:
    return {name: row[name] for name in FAULTS if row.get(name)}
