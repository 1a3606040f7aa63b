"""The load generator notices what it claims to check: a right server passes, each spoiled one fails.

The Beast peer spoils every n-th frame on demand (--fault).
"""

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import time
from pathlib import Path

import pytest
import websockets

BIN = Path(os.environ.get("DCRF_BIN_DIR", "build/release/bin"))
# Bound in number, so that a fault that is due comes however busy the machine is.
ACTIONS = "actions -c 8 -d 8 -n 4000 --pk 1-1000 --check-pk id --duration 20".split()
FANOUT = "fanout --subs 20 -n 400 --warmup 20 --check-event-id --duration 20".split()
GROUPS = [*FANOUT, "--groups", "4", "--publishers", "2",
          "--sub-template", '{"action":"subscribe","request_id":{id},"room":{group}}',
          "--pub-template",
          '{"action":"create","request_id":{id},"data":{"room":{group},"text":"{mark}"}}']  # fmt: skip
SOON = ["--timeout", "4"]  # for those where something never comes
OVERLAPPING = [*GROUPS, *SOON, "--subscriptions", "3"]
RETRIEVE = '{"action":"retrieve","request_id":%s,"pk":%s}'

RIGHT = {
    "actions": ("--json", ACTIONS),
    "fanout": ("--json", FANOUT),
    "actions-coalesced": ("--json --coalesce", ACTIONS),
    "fanout-coalesced": ("--json --coalesce", FANOUT),
    "rate": ("--json", "fanout --subs 20 --rate 200 -n 60".split()),
    "groups": ("--json --rooms", GROUPS),
    "group-rate": ("--json --rooms", [*GROUPS, "--rate", "1000"]),
    "idle": ("--json", "idle -c 300 --idle-subscribe --verify-alive --idle-secs 0.1".split()),
    "sources": ("--json", [*ACTIONS, "--source-addresses", "4"]),
    "churn": ("--json", "churn -c 8 -n 300".split()),
    "slow": ("--json", "slow --subs 10 --slow 3 --duration 0.3".split()),
}
# Faults that hit events only: with 20 subscribers each event makes 20 frames and a reply, after the
# 20 replies to the subscriptions; with 4 groups of 5 subscribers it makes 5 and a reply.
EVENT, EVENT_OF_A_GROUP = 21 * 47, 6 * 166
# Which counters must say so, one of them.
WRONG = {
    "status-of-a-missing-row": (
        "--json",
        ["actions", "-n", "50", "--warmup", "0", "--template", RETRIEVE % ("{id}", "999999")],
        ["bad_status"],
    ),
    "content": ("--json", "actions -n 50 --warmup 0 --expect nowhere".split(), ["bad_content"]),
    "id": (
        "--json",
        ["actions", "-n", "50", *SOON, "--template", RETRIEVE % (1234, 1)],
        ["unknown_id", "duplicates"],
    ),
    "lost-reply": ("--json --fault drop:997", [*ACTIONS, *SOON], ["lost"]),
    "lost-event": (f"--json --fault drop:{EVENT}", [*FANOUT, *SOON], ["lost"]),
    "lost-event-of-a-group": (
        f"--json --rooms --fault drop:{EVENT_OF_A_GROUP}",
        [*GROUPS, *SOON],
        ["lost"],
    ),
    "events-of-one-group-only": ("--json --rooms", OVERLAPPING, ["timed_out", "lost"]),
    "event-of-another-group": ("--json", [*GROUPS, *SOON], ["bad_events"]),
    "event-of-another-subscription": (f"--json --fault id:{EVENT}", FANOUT, ["bad_events"]),
    "id-of-no-request": ("--json --fault id:997", [*ACTIONS, *SOON], ["unknown_id"]),
    "double-reply": ("--json --fault dup:997", ACTIONS, ["duplicates"]),
    "double-event": (f"--json --fault dup:{EVENT}", FANOUT, ["duplicates"]),
    "swapped-replies": ("--json --fault swap:997", ACTIONS, ["out_of_order"]),
    "swapped-events": (f"--json --fault swap:{EVENT}", FANOUT, ["out_of_order"]),
    "status": ("--json --fault status:97", ACTIONS, ["bad_status"]),
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def started(peer: str):
    """The peer, and the options by which the load generator finds it."""
    port = free_port()
    server = subprocess.Popen([BIN / "dcrf-bench-peer", str(port), *peer.split()])
    try:
        deadline = time.monotonic() + 10
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert server.poll() is None and time.monotonic() < deadline
        yield ["--url", f"ws://127.0.0.1:{port}/", "--pid", str(server.pid)]
    finally:
        server.terminate()
        server.wait()


def run(peer: str, load: list[str]) -> tuple[int, dict]:
    with started(peer) as server:
        done = subprocess.run([BIN / "dcrf-load", *load, *server], capture_output=True, text=True,
                              timeout=60)  # fmt: skip
        return done.returncode, json.loads(done.stdout)


@pytest.mark.parametrize("line", ["", "x", "0", "70000", "8000 --rows x", "8000 --fault drop:x"])
def test_a_peer_explains_itself_when_misused(line):
    done = subprocess.run([BIN / "dcrf-bench-peer", *line.split()], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.startswith("usage: ")


@pytest.mark.parametrize("peer, load", RIGHT.values(), ids=RIGHT)
def test_a_right_server_passes(peer, load):
    status, result = run(peer, load)
    assert result["ok"] and status == 0, result


@pytest.mark.parametrize("peer, load, counters", WRONG.values(), ids=WRONG)
def test_a_wrong_server_fails(peer, load, counters):
    status, result = run(peer, load)
    assert not result["ok"] and status == 1, result
    assert any(result[counter] for counter in counters), result


async def publish(url: str, number: int) -> None:
    mark = f"~{number:012d}.{time.monotonic_ns():019d}~"
    async with websockets.connect(url) as client:
        data = {"room_id": 1, "user_id": 1, "text": mark}
        await client.send(json.dumps({"action": "create", "request_id": 1, "data": data}))
        await client.recv()


@pytest.mark.parametrize(
    "fault, counters",
    [("", []), ("drop:15", ["lost"]), ("dup:15", ["duplicates"]), ("id:15", ["bad_events"])],
)
def test_listeners_notice_what_others_publish_to_them(fault, counters):
    """Nine listeners: their subscriptions are nine frames, the event is nine and a reply. None has an
    id that begins with the digit that the fault puts there."""
    with started("--json" + (f" --fault {fault}" if fault else "")) as server:
        command = [BIN / "dcrf-load", "listen", "--subs", "9", "-n", "1", "--check-event-id", *SOON]
        listening = subprocess.Popen([*command, *server], stdout=subprocess.PIPE, text=True)
        assert json.loads(listening.stdout.readline()) == {"subscribed": 9}
        asyncio.run(publish(server[1], 0))
        *events, result = map(json.loads, listening.stdout)
        status = listening.wait()
    if not fault:
        assert result["ok"] and status == 0 and [x["event"] for x in events] == [0], result
    else:
        assert not result["ok"] and status == 1, result
        assert any(result[counter] for counter in counters), result
