"""Three nodes of one machine: events from one to two others, the latency of a hop, memory."""

import argparse
import asyncio
import dataclasses
import http.client
import json
import os
import re
import statistics
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import websockets

from . import document, machine, programs, rounds, table
from .peers import Running, all_peers, free_port, started
from .scenarios import BY_NAME
from .shape import Shape

DOCUMENT = programs.ROOT / "docs" / "nodes.md"
NAMES = ("a", "b", "c")
ROOM_OF_CREATES = 2  # of Messages.create
PATIENCE = 20
CONNECTIONS = 100  # that share the subscriptions whose memory is measured


@contextmanager
def linked_nodes(server: Path | None, names: Iterable[str]) -> Iterator[list[Running]]:
    """The first has the database, and the others are in front of it."""
    first, *_ = names
    addresses = {name: f"127.0.0.1:{free_port()}" for name in names}
    with ExitStack() as stack:
        nodes = []
        for name in names:
            more = [f"--node-name={name}", f"--cluster-address={addresses[name]}"]
            if name != first:
                more += [f"--join={addresses[first]}", f"--repositories={first}"]
            peer = all_peers(server, tuple(more))["dcrf"]
            command = [x for x in peer.command if name == first or not x.startswith("--database")]
            peer = dataclasses.replace(peer, name=f"node-{name}", command=tuple(command))
            nodes.append(stack.enter_context(started(peer, cpu=None)))
        until(lambda: all(linked(node) == len(nodes) - 1 for node in nodes), "they link")
        yield nodes


def until(condition, what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise SystemExit(f"not in time: {what}")
        time.sleep(0.02)


def others(node: Running) -> dict[str, dict]:
    connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=PATIENCE)
    connection.request("GET", "/nodes")
    found = json.loads(connection.getresponse().read())["nodes"]
    connection.close()
    return {x["name"]: x for x in found}


def linked(node: Running) -> int:
    return sum(x["state"] == "linked" for x in others(node).values())


def events_received(node: Running) -> int:
    return others(node)["a"]["events_received"]


def memory(node: Running) -> int:
    """Bytes that the process has written."""
    text = Path(f"/proc/{node.process.pid}/smaps_rollup").read_text()
    return 1024 * int(re.search(r"^Private_Dirty:\s+(\d+) kB", text, re.M)[1])


# -- clients ----------------------------------------------------------------------------------------


async def connect(node: Running):
    return await websockets.connect(node.url, max_size=None, ping_interval=None, compression=None)


async def subscribe(client, room: int) -> None:
    await client.send(json.dumps({"action": "subscribe", "request_id": "s", "room": room}))
    reply = json.loads(await client.recv())
    assert reply["response_status"] == 201, reply


class Listeners:
    """A subscriber on each of some nodes, whose events are read and thrown away by a thread."""

    def __init__(self, nodes: list[Running]):
        self.nodes = nodes
        self.are_subscribed = threading.Event()
        self.thread = threading.Thread(target=lambda: asyncio.run(self.listen()), daemon=True)

    def __enter__(self) -> None:
        self.thread.start()
        if not self.are_subscribed.wait(PATIENCE):
            raise SystemExit("not in time: the subscriptions")

    def __exit__(self, *_) -> None:
        self.loop.call_soon_threadsafe(self.done.set)
        self.thread.join()

    async def listen(self) -> None:
        self.loop, self.done = asyncio.get_running_loop(), asyncio.Event()
        clients = [await connect(node) for node in self.nodes]
        for client in clients:
            await subscribe(client, ROOM_OF_CREATES)
        self.are_subscribed.set()
        reading = [asyncio.create_task(self.drain(client)) for client in clients]
        await self.done.wait()
        for task in reading:
            task.cancel()
        for client in clients:
            await client.close()

    @staticmethod
    async def drain(client) -> None:
        async for _ in client:
            pass


# -- what is measured -------------------------------------------------------------------------------


def rate(nodes: list[Running], seconds: float) -> dict:
    """As many creates through a as 32 connections make, each an event to b and c."""
    a, *front = nodes
    with Listeners(front):
        before = [events_received(node) for node in front]
        row = rounds.load(a, BY_NAME["create"].arguments(a.peer.messages, Shape()), seconds,
                          cpu=None)  # fmt: skip
        sent = others(a)["b"]["events_sent"]
        until(lambda: all(events_received(x) >= sent for x in front), "all events are there")
        received = [events_received(x) - y for x, y in zip(front, before, strict=True)]
    row["events_received"] = received
    row["ok"] = row["ok"] and received[0] == received[1] and received[0] >= row["requests"]
    return row


async def delays(a: Running, where: Running, count: int, pause: float) -> list[float]:
    """Microseconds from sending a create to a until a subscriber has its event."""
    writer, reader = await connect(a), await connect(where)
    await subscribe(reader, ROOM_OF_CREATES)
    data = {"room_id": ROOM_OF_CREATES, "user_id": 1, "text": "x" * 50}
    found = []
    for number in range(count + 50):
        frame = json.dumps({"action": "create", "request_id": number, "data": data})
        started_at = time.perf_counter()
        await writer.send(frame)
        await reader.recv()
        found.append((time.perf_counter() - started_at) * 1e6)
        await writer.recv()
        await asyncio.sleep(pause)
    await writer.close()
    await reader.close()
    return found[50:]


async def group_memory(nodes: list[Running], groups: int) -> list[float]:
    """Bytes per group with a member on b, as a and c hold it."""
    a, b, c = nodes
    clients = [await connect(b) for _ in range(CONNECTIONS)]
    # The first groups make what is there once.
    for number in range(1000, 2000):
        await subscribe(clients[0], number)
    before = [memory(x) for x in (a, c)]
    for number in range(groups):
        await subscribe(clients[number % CONNECTIONS], 10_000 + number)
    after = [memory(x) for x in (a, c)]
    for client in clients:
        await client.close()
    return [(y - x) / groups for x, y in zip(before, after, strict=True)]


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[int(share * (len(values) - 1))]


def run(options: argparse.Namespace) -> int:
    rows = []
    with linked_nodes(options.server, NAMES) as nodes:
        for _ in range(options.rounds):
            row = rate(nodes, options.seconds)
            rows.append(row | {"load1": os.getloadavg()[0]})
            print(f"create {row}", flush=True)
    with linked_nodes(options.server, NAMES) as nodes:
        a, b, _ = nodes
        # In turn, so that both see the same machine.
        here: list[float] = []
        there: list[float] = []
        for _ in range(options.rounds):
            here += asyncio.run(delays(a, a, options.events, 0.002))
            there += asyncio.run(delays(a, b, options.events, 0.002))
    with linked_nodes(options.server, NAMES) as nodes:
        held = asyncio.run(group_memory(nodes, options.groups))
    body = text_of(rows, here, there, held, options)
    print(body)
    if not options.no_write:
        document.write("nodes", body, DOCUMENT)
    return 0 if all(row["ok"] for row in rows) else 1


def text_of(rows: list[dict], here: list[float], there: list[float], held: list[float],
            options: argparse.Namespace) -> str:  # fmt: skip
    rates = sorted(row["requests_per_s"] for row in rows)
    latency = [
        [name, *(f"{percentile(values, share):,.0f} µs" for share in (0.5, 0.99))]
        for name, values in (("on the writing node", here), ("on another node", there))
    ]
    latency.append(["added by the hop", *(
        f"{percentile(there, share) - percentile(here, share):,.0f} µs" for share in (0.5, 0.99))])  # fmt: skip
    right = all(row["ok"] for row in rows)
    return "\n".join([
        f"{machine.description(rows)} Three nodes and their clients share all cores.\n",
        f"```sh\nscripts/bench nodes --rounds={options.rounds} --seconds={options.seconds:g} "
        f"--events={options.events} --groups={options.groups}\n```\n",
        f"**Events**: rows created through 32 connections of the node with the database, with one "
        f"subscriber on each of two other nodes: {statistics.median(rates):,.0f} events/s to each "
        f"of both ({rates[0]:,.0f} to {rates[-1]:,.0f}). "
        + ("Every event came to both." if right else "**Not every event came.**") + "\n",
        f"**Latency** of {len(here):,} single creates each, from sending the request until a subscriber "
        "has the event:\n",
        table.table(["subscriber", "median", "p99"], latency) + "\n",
        f"**Memory** of a group that has members on one other node: {held[0]:.0f} bytes on the "
        f"node with the database, {held[1]:.0f} on a third node ({options.groups:,} groups).",
    ])  # fmt: skip
