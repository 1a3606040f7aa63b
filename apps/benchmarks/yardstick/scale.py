"""Large numbers of groups; and more than one I/O thread."""

import argparse
import dataclasses
import os
from datetime import datetime

from . import document, machine, programs, ratios, results, rounds, table
from .peers import Messages, Peer, all_peers, raise_descriptor_limit, started
from .scenarios import BY_NAME
from .shape import Shape

SOURCE_ADDRESSES = 16  # of 28,232 ports each
EVENT = Shape(pad=50)


def save(name: str, rows: list[dict]) -> None:
    output = programs.WORK / f"{name}-{datetime.now():%Y%m%d-%H%M%S}.jsonl"
    for row in rows:
        results.append(output, row)
    print(f"-- the raw rows are in {output}")


def fanout(messages: Messages, subscribers: int, room: str, *more: object) -> list[object]:
    return ["fanout", "--subs", subscribers, "--source-addresses", SOURCE_ADDRESSES,
            "--connecting", 128, *messages.subscribe(room), *messages.publish(EVENT, room),
            *more]  # fmt: skip


def verdict(row: dict) -> str:
    """What the load generator says of a run."""
    if row["ok"]:
        return (
            f"Every one of {row['deliveries']:,} events was received once, in order and under "
            "its own subscription."
        )
    wrong = ", ".join(f"{name} {value}" for name, value in results.faults(row).items())
    return f"**This run was not right and doesn't count**: {wrong}."


def groups(peer: Peer, options: argparse.Namespace) -> int:
    """Events at a rate, each to one of many groups in turn."""
    subscriptions = options.groups * options.members
    subscribers = options.connections or subscriptions
    if subscriptions % subscribers:
        raise SystemExit(f"{subscribers} connections can't share {subscriptions} subscriptions")
    raise_descriptor_limit(subscribers + 1000)
    with started(peer) as server:
        arguments = fanout(peer.messages, subscribers, "{group}", "--groups", options.groups,
                           "--subscriptions", subscriptions // subscribers, "--publishers", min(options.publishers, options.groups), "--rate", options.rate,
                           "--warmup", options.groups)  # fmt: skip
        row = rounds.load(server, arguments, options.seconds, patience=subscribers / 500)
    row |= {"test": "groups", "peer": peer.name, "load1": os.getloadavg()[0]}
    save("groups", [row])
    command = (f"scripts/bench groups --groups={options.groups} --members={options.members} "
               f"--connections={subscribers} --rate={options.rate} "
               f"--seconds={options.seconds:g}")  # fmt: skip
    body = ["## Many groups\n", f"{machine.description([row])}\n", f"```sh\n{command}\n```\n",
            verdict(row) + "\n"]  # fmt: skip
    if row["ok"]:
        took = row["latency_us"]
        body.append(
            table.table(
                ["groups", "members of each", "connections", "for", "events/s", "deliveries/s", "p50", "p99",
                 "worst", "server CPU per delivery", "server's core"],
                [[f"{options.groups:,}", str(options.members),
                  f"{subscribers:,}", f"{row['wall_s']:.0f} s",
                  f"{row['events_per_s']:,.0f}", f"{row['deliveries_per_s']:,.0f}",
                  *(f"{took[name] / 1e3:.1f} ms" for name in ("p50", "p99", "max")),
                  f"{row['server_cpu_us_per_delivery']:.2f} µs",
                  f"{row['server_cpu_util']:.0%}"]],
            )
        )  # fmt: skip
    publish("groups", "\n".join(body), options)
    return 0 if row["ok"] else 1


def threads(options: argparse.Namespace) -> int:
    """The same work with one and with two I/O threads, neither pinned to a core."""
    rows = []
    measured = ["echo16", "retrieve8", "fan100"]
    for number in range(1, options.rounds + 1):
        for name in measured:
            for count in (1, 2):
                peer = all_peers(options.server, (f"--io-threads={count}",))["dcrf"]
                peer = dataclasses.replace(peer, name=f"dcrf-{count}-threads")
                with started(peer, cpu=None) as server:
                    arguments = BY_NAME[name].arguments(peer.messages, Shape())
                    row = rounds.load(server, arguments, options.seconds, cpu=None)
                row |= {"test": name, "peer": peer.name, "round": number,
                        "seconds": options.seconds, "load1": os.getloadavg()[0]}  # fmt: skip
                rows.append(row)
    save("threads", rows)
    body = ["## One and two I/O threads\n",
            f"{machine.description(rows)} Server and load generator share all cores.\n",
            f"```sh\nscripts/bench threads --rounds={options.rounds} "
            f"--seconds={options.seconds:g}\n```\n",
            of_threads(rows, measured), "\n" + table.of_faults(rows)]  # fmt: skip
    publish("threads", "\n".join(body), options)
    return 0 if all(row["ok"] for row in rows) else 1


def of_threads(rows: list[dict], measured: list[str]) -> str:
    lines = []
    for name in measured:
        cost = BY_NAME[name].metric
        speed = "deliveries_per_s" if "delivery" in cost else "requests_per_s"

        def figures(count: int, member: str, test: str = name) -> dict[int, float]:
            return results.values(rows, test, f"dcrf-{count}-threads", member)

        ratio = ratios.spread(ratios.per_round(figures(2, speed), figures(1, speed)))
        cells = [table.cell(ratios.spread(figures(count, member).values()))
                 for member in (speed, cost) for count in (1, 2)]  # fmt: skip
        lines.append([name, *cells, table.cell(ratio)])
    head = ["scenario", "per second, 1 thread", "2 threads", "CPU µs per operation, 1 thread",
            "2 threads", "speed of 2 / 1"]  # fmt: skip
    return table.table(head, lines)


def publish(name: str, body: str, options: argparse.Namespace) -> None:
    print(body)
    if not options.no_write:
        document.write(name, body)
