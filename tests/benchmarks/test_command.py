"""scripts/bench against the real servers, for moments."""

import json
import subprocess

from conftest import ROOT


def bench(*words: str) -> str:
    done = subprocess.run(
        [ROOT / "scripts" / "bench", *words, "--no-build", "--no-write"],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_rounds_run_all_peers_of_each_scenario(tmp_path):
    output = tmp_path / "rows.jsonl"
    said = bench("run", "--rounds=2", "--seconds=0.1", "--scenarios=retrieve,churn",
                 "--peers=dcrf,beast,beast-json-coal", f"--results={output}")  # fmt: skip
    rows = [json.loads(line) for line in output.read_text().splitlines()]
    assert [(row["round"], row["test"], row["peer"]) for row in rows] == [
        (number, *pair)
        for number in (1, 2)
        for pair in (("retrieve", "dcrf"), ("retrieve", "beast-json-coal"), ("churn", "dcrf"),
                     ("churn", "beast"))
    ]  # fmt: skip
    assert all(row["ok"] for row in rows)
    assert "| retrieve | dcrf / beast-json-coal |" in said
    assert "Every run was right" in said


def test_messages_may_have_another_shape(tmp_path):
    output = tmp_path / "rows.jsonl"
    bench("run", "--rounds=1", "--seconds=0.1", "--scenarios=create,fan100", "--peers=dcrf",
          "--pad=2000", "--text=\\u00fc\\n", "--subscribers=7", f"--results={output}")  # fmt: skip
    create, fan = (json.loads(line) for line in output.read_text().splitlines())
    assert create["ok"] and create["rx_bytes_per_request"] > 2000
    assert fan["ok"] and fan["subs"] == 7
    assert fan["shape"] == {"pad": 2000, "text": "\\u00fc\\n", "subscribers": 7}


def test_events_reach_many_connections_and_groups():
    said = bench("connections", "--count=200", "--events=3")
    assert "Every one of 600 events was received once" in said
    said = bench("connections", "--count=200", "--nodes=2", "--events=3")
    assert "Every one of 600 events was received once" in said and "| 200 | 2 |" in said
    said = bench("groups", "--groups=10", "--members=5", "--rate=100", "--seconds=0.5")
    assert "was received once" in said and "| 10 | 5 | 50 |" in said
    said = bench("groups", "--groups=10", "--members=20", "--connections=50", "--rate=100",
                 "--seconds=0.5")  # fmt: skip
    assert "was received once" in said and "| 10 | 20 | 50 |" in said
