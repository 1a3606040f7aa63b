"""Counts instructions per operation, which unlike time are the same in each run."""

import argparse
import re

from . import document, machine, programs, rounds, table
from .peers import Peer, started
from .shape import Shape

SUBSCRIBERS = 100


def instructions(peer: Peer, arguments: list[str]) -> int:
    """Those of a whole run of the server."""
    output = programs.WORK / "callgrind.out"
    wrapper = ("valgrind", "--tool=callgrind", f"--callgrind-out-file={output}")
    with started(peer, wrapper=wrapper, patience=120) as server:
        row = rounds.load(server, arguments, seconds=600)
    if not row["ok"]:
        raise SystemExit(f"a run under callgrind was not right: {row}")
    # Each part (a thread that ended, the end of the program) has totals of its own.
    found = re.findall(r"^(?:summary|totals): (\d+)", output.read_text(), re.MULTILINE)
    return int(found[-1])


def requests(peer: Peer, work: list[str], number: int) -> float:
    """What one request takes: the start and the end of the program cancel out."""

    def of(count: int) -> int:
        return instructions(peer, ["actions", "-c", "1", "-n", str(count), "--warmup", "0", *work])

    return (of(2 * number) - of(number)) / number


def event(peer: Peer, subscribers: int, number: int) -> float:
    """What an event takes: to create the row, to announce it, and to deliver it to all."""

    def of(count: int) -> int:
        arguments = ["fanout", "--subs", subscribers, "--window", 1, "-n", count, "--warmup", 0,
                     *peer.messages.subscribe(), *peer.messages.publish(Shape())]  # fmt: skip
        return instructions(peer, [str(each) for each in arguments])

    return (of(2 * number) - of(number)) / number


def run(peer: Peer, options: argparse.Namespace) -> int:
    shape = Shape()
    echo = requests(peer, peer.messages.echo(shape), options.requests)
    retrieve = requests(peer, peer.messages.retrieve(shape), options.requests)
    few = event(peer, SUBSCRIBERS, options.events)
    many = event(peer, 2 * SUBSCRIBERS, options.events)
    delivery = (many - few) / SUBSCRIBERS
    lines = [
        ["echo", f"{echo:,.0f}", f"one connection, {options.requests} requests"],
        ["retrieve", f"{retrieve:,.0f}", f"one connection, {options.requests} requests"],
        ["delivery", f"{delivery:,.0f}",
         f"the difference of {2 * SUBSCRIBERS} and {SUBSCRIBERS} subscribers"],
        ["create and announce", f"{few - SUBSCRIBERS * delivery:,.0f}",
         "an event without its deliveries"],
    ]  # fmt: skip
    body = (
        "## Instructions\n\n"
        "In the server's own code and its libraries, by callgrind; what the kernel does is not in "
        "them. One request is in flight at a time, so nothing is shared between requests of a "
        "turn. Each figure is the difference of a run with N operations and one with 2N, divided "
        "by N.\n\n"
        f"{machine.description([])}\n\n"
        f"```sh\nscripts/bench count --requests={options.requests} --events={options.events}\n```"
        "\n\n" + table.table(["operation", "instructions", "measured with"], lines)
    )
    print(body)
    if not options.no_write:
        document.write("count", body)
    return 0
