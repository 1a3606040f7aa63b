"""An event to all of very many subscribed connections, on one node or on several."""

import argparse
import asyncio
import contextlib
import json
import os
import subprocess
import threading
import time
from collections.abc import Iterator
from queue import Queue

from . import document, machine, nodes, programs, results, table
from .peers import Running, all_peers, raise_descriptor_limit, started

SOURCE_ADDRESSES = 16  # of 28,232 ports each
ROOM = 1
PATIENCE = 600


@contextlib.contextmanager
def servers(options: argparse.Namespace) -> Iterator[list[Running]]:
    if options.nodes == 1:
        with started(all_peers(options.server)["dcrf"], cpu=None) as server:
            yield [server]
    else:
        names = [f"n{number}" for number in range(1, options.nodes + 1)]
        with nodes.linked_nodes(options.server, names) as running:
            yield running


class Listener:
    """A load generator whose connections are subscribed to one node."""

    def __init__(self, node: Running, count: int, events: int):
        command = [programs.LOAD, "listen", "--subs", count, "-n", events, "--url", node.url,
                   "--source-addresses", SOURCE_ADDRESSES, "--connecting", 128,
                   "--timeout", PATIENCE, *node.peer.messages.subscribe(str(ROOM))]  # fmt: skip
        self.process = subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, text=True)
        self.said: Queue[dict | None] = Queue()
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self) -> None:
        for line in self.process.stdout:
            self.said.put(json.loads(line))
        self.said.put(None)

    def hears(self, what: str) -> dict:
        """The next line, which must be about `what`."""
        line = self.said.get(timeout=PATIENCE + 60)
        if line is None or what not in line:
            raise SystemExit(f"a load generator said {line}")
        return line


def cpu_seconds(node: Running) -> float:
    with open(f"/proc/{node.process.pid}/stat") as stat:
        user, system = stat.read().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def resident(node: Running) -> int:
    with open(f"/proc/{node.process.pid}/status") as status:
        return 1024 * int(next(x.split()[1] for x in status if x.startswith("VmRSS")))


async def publish(node: Running, listeners: list[Listener], events: int) -> list[list[dict]]:
    """What each listener says of each event."""
    client = await nodes.connect(node)
    heard = []
    for number in range(events):
        mark = f"~{number:012d}.{time.monotonic_ns():019d}~"
        data = {"room_id": ROOM, "user_id": 1, "text": mark + "x" * 50}
        await client.send(json.dumps({"action": "create", "request_id": number, "data": data}))
        reply = json.loads(await client.recv())
        assert reply["response_status"] == 201, reply
        heard.append(await asyncio.to_thread(lambda: [x.hears("event") for x in listeners]))
    await client.close()
    return heard


def measure(running: list[Running], options: argparse.Namespace) -> dict:
    each, rest = divmod(options.count, len(running))
    before = sum(map(resident, running))
    listeners = [Listener(node, each + (1 if number < rest else 0), options.events)
                 for number, node in enumerate(running)]  # fmt: skip
    for listener in listeners:
        listener.hears("subscribed")
    subscribed = sum(map(resident, running))
    used = sum(map(cpu_seconds, running))
    heard = asyncio.run(publish(running[0], listeners, options.events))
    used = sum(map(cpu_seconds, running)) - used
    verdicts = [listener.hears("ok") for listener in listeners]
    return {
        "test": "connections", "peer": "dcrf", "load1": os.getloadavg()[0],
        "ok": all(x["ok"] for x in verdicts),
        "deliveries": sum(x["deliveries"] for x in verdicts), "verdicts": verdicts,
        "before": before, "subscribed": subscribed, "cpu": used,
        "last_s": max(x["latency_us"]["max"] for event in heard for x in event) / 1e6,
        "middle_s": max(x["latency_us"]["p50"] for event in heard for x in event) / 1e6,
    }  # fmt: skip


def run(options: argparse.Namespace) -> int:
    raise_descriptor_limit(options.count // options.nodes + 1000)
    with servers(options) as running:
        row = measure(running, options)
    results.append(programs.WORK / "connections.jsonl", row)
    count, events = options.count, options.events
    body = ["## Many connections\n",
            f"{machine.description([row])} Nodes and load generators share all cores.\n",
            f"```sh\nscripts/bench connections --count={count} --nodes={options.nodes} "
            f"--events={events}\n```\n"]  # fmt: skip
    if row["ok"]:
        body += [
            f"Every one of {row['deliveries']:,} events was received once, in order and under its own "
            "subscription.\n",
            table.table(
                ["subscribed connections", "nodes", "their memory before", "with all subscribed",
                 "memory per connection", f"event to the last one, worst of {events}",
                 "to the one in the middle", "CPU of the nodes per delivery"],
                [[f"{count:,}", str(options.nodes), f"{row['before'] / 2**20:.0f} MiB",
                  f"{row['subscribed'] / 2**20:.0f} MiB",
                  f"{(row['subscribed'] - row['before']) / count / 1024:.2f} KiB",
                  f"{row['last_s']:.2f} s", f"{row['middle_s']:.2f} s",
                  f"{row['cpu'] * 1e6 / row['deliveries']:.2f} µs"]],
            ),
        ]  # fmt: skip
    else:
        body.append(f"**This run was not right and doesn't count**: {row['verdicts']}")
    text = "\n".join(body)
    print(text)
    if not options.no_write:
        document.write("connections", text)
    return 0 if row["ok"] else 1
