"""Measures this library beside other servers; what is found goes into docs/benchmarks.md."""

import argparse
import signal
import sys
from datetime import datetime
from pathlib import Path

from . import (connections, count, document, machine, micro, nodes, peers, plot, postgresql, profile,
               programs, results, rounds, scale, scenarios, shape, table)  # fmt: skip


def names(text: str, known: list[str]) -> list[str]:
    wanted = [name for name in text.split(",") if name]
    for name in wanted:
        if name not in known:
            raise SystemExit(f"there is no {name}: {', '.join(known)}")
    return wanted or known


def prepare(options: argparse.Namespace, *targets: str) -> None:
    if options.build:
        server = [] if options.server else ["dcrf-bench"]
        programs.build(*server, *targets)


def write_rounds(rows: list[dict], command: str) -> None:
    """The part of the document that the main rounds make, and its pictures."""
    pictures = plot.draw_all(rows, document.IMAGES)
    number = max(row["round"] for row in rows)
    body = [
        "## Side by side\n",
        f"{machine.description(rows)} {number} rounds of {rows[0]['seconds']:g} s, by\n",
        f"```sh\n{command}\n```\n",
        table.of_all(rows),
        *(line + "\n" for line in pictures),
    ]
    document.write("rounds", "\n".join(body))


def run(options: argparse.Namespace) -> int:
    if options.database == "sqlite":
        return run_over(options, None)
    with postgresql.running() as url:
        return run_over(options, url)


def run_over(options: argparse.Namespace, database: str | None) -> int:
    """database: the URL of PostgreSQL, or None for SQLite"""
    known = peers.all_peers(options.server, tuple(options.server_option), database)
    chosen_scenarios = names(options.scenarios, list(scenarios.BY_NAME))
    chosen_peers = names(options.peers, list(known))
    wanted = shape.of_options(options)
    prepare(options, "dcrf-load", "dcrf-bench-peer")
    if options.build and "feathers" in chosen_peers:
        programs.install_feathers()
    if options.build and "node-pg" in chosen_peers:
        programs.install_node_pg()
    most = max(wanted.idle_connections, wanted.many_subscribers, wanted.subscribers)
    peers.raise_descriptor_limit(most + 1000)
    output = options.results or programs.WORK / f"{datetime.now():%Y%m%d-%H%M%S}.jsonl"
    rows = rounds.run(
        [scenarios.BY_NAME[name] for name in chosen_scenarios],
        {name: known[name] for name in chosen_peers},
        options.rounds,
        options.seconds,
        wanted,
        output,
    )
    print(f"-- the raw rows are in {output}\n")
    print(table.of_all(rows))
    complete = len(chosen_scenarios) == len(scenarios.ALL) and len(chosen_peers) == len(known)
    is_usual = not (wanted.changes or options.server_option or options.no_write or database)
    if complete and is_usual:
        write_rounds(rows, f"scripts/bench run --rounds={options.rounds} --seconds="
                           f"{options.seconds:g}")  # fmt: skip
    return 0 if all(row["ok"] for row in rows) else 1


def show(options: argparse.Namespace) -> int:
    rows = [row for path in options.results for row in results.read(path)]
    if options.write:
        write_rounds(rows, f"scripts/bench run --rounds={max(row['round'] for row in rows)} "
                           f"--seconds={rows[0]['seconds']:g}")  # fmt: skip
    else:
        print(table.of_all(rows))
    return 0


def many_connections(options: argparse.Namespace) -> int:
    prepare(options, "dcrf-load")
    return connections.run(options)


def groups(options: argparse.Namespace) -> int:
    prepare(options, "dcrf-load")
    return scale.groups(peers.all_peers(options.server)["dcrf"], options)


def threads(options: argparse.Namespace) -> int:
    prepare(options, "dcrf-load")
    return scale.threads(options)


def three_nodes(options: argparse.Namespace) -> int:
    prepare(options, "dcrf-load")
    return nodes.run(options)


def instructions(options: argparse.Namespace) -> int:
    prepare(options, "dcrf-load")
    return count.run(peers.all_peers(options.server)["dcrf"], options)


def flames(options: argparse.Namespace) -> int:
    prepare(options, "dcrf-load")
    return profile.run(peers.all_peers(options.server)["dcrf"], options)


def micro_benchmarks(options: argparse.Namespace) -> int:
    if options.build:
        programs.build("dcrf-micro")
    return micro.run(options)


def parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--no-build", dest="build", action="store_false",
                        help="take the programs as they are")  # fmt: skip
    common.add_argument("--server", type=Path, metavar="PROGRAM",
                        help="measure this dcrf-bench instead; leaves the document alone")  # fmt: skip
    common.add_argument("--no-write", action="store_true", help="leave the document alone")
    commands = result.add_subparsers(required=True)

    def command(name: str, does, help: str, parents=(common,)) -> argparse.ArgumentParser:
        found = commands.add_parser(name, parents=list(parents), help=help, description=help)
        found.set_defaults(does=does)
        return found

    main_run = command("run", run, "all scenarios beside other servers, in rounds")
    main_run.add_argument("--rounds", type=int, default=5, metavar="N")
    main_run.add_argument("--seconds", type=float, default=3, metavar="S",
                          help="of measuring in each run")  # fmt: skip
    main_run.add_argument("--scenarios", default="", metavar="A,B",
                          help=", ".join(scenarios.BY_NAME))  # fmt: skip
    main_run.add_argument("--peers", default="", metavar="A,B", help=", ".join(peers.all_peers()))
    main_run.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite",
                          help="of dcrf-bench; PostgreSQL leaves the document alone")  # fmt: skip
    main_run.add_argument("--results", type=Path, metavar="FILE", help="to append the rows to")
    main_run.add_argument("--server-option", action="append", default=[], metavar="--NAME=VALUE",
                          help="more for dcrf-bench")  # fmt: skip
    shape.add_options(main_run)

    again = command("table", show, "the tables of raw rows", parents=())
    again.add_argument("results", type=Path, nargs="+", metavar="FILE")
    again.add_argument("--write", action="store_true", help="write them into the document")

    many = command("connections", many_connections, "an event to very many subscribed connections")
    many.add_argument("--count", type=int, default=100_000, metavar="N")
    many.add_argument("--nodes", type=int, default=1, metavar="N",
                      help="that share them, each with a load generator of its own")  # fmt: skip
    many.add_argument("--events", type=int, default=5, metavar="N", help="one after another")

    rooms = command("groups", groups, "events at a rate, to many groups")
    rooms.add_argument("--groups", type=int, default=1000, metavar="N")
    rooms.add_argument("--members", type=int, default=100, metavar="N", help="of each group")
    rooms.add_argument("--connections", type=int, metavar="N",
                       help="that share the memberships (as many as there are of these)")  # fmt: skip
    rooms.add_argument("--rate", type=int, default=1000, metavar="N", help="events a second")
    rooms.add_argument("--seconds", type=float, default=60, metavar="S")
    rooms.add_argument("--publishers", type=int, default=16, metavar="N")

    cores = command("threads", threads, "one I/O thread beside two")
    cores.add_argument("--rounds", type=int, default=5, metavar="N")
    cores.add_argument("--seconds", type=float, default=3, metavar="S")

    cluster = command("nodes", three_nodes, "events between nodes; writes docs/nodes.md")
    cluster.add_argument("--rounds", type=int, default=5, metavar="N")
    cluster.add_argument("--seconds", type=float, default=3, metavar="S")
    cluster.add_argument("--events", type=int, default=1000, metavar="N",
                         help="whose latency is measured, in each round")  # fmt: skip
    cluster.add_argument("--groups", type=int, default=10_000, metavar="N")

    counting = command("count", instructions, "instructions per operation, by callgrind")
    counting.add_argument("--requests", type=int, default=2000, metavar="N")
    counting.add_argument("--events", type=int, default=100, metavar="N")

    flame = command("profile", flames, "flame graphs of retrieve, create and fan-out, by perf")
    flame.add_argument("--seconds", type=float, default=5, metavar="S")

    small = command("micro", micro_benchmarks, "the parts by themselves, by Google Benchmark")
    small.add_argument("--filter", default=".", metavar="REGEX")
    small.add_argument("--repetitions", type=int, default=5, metavar="N")
    return result


def main(words: list[str]) -> int:
    # So that the servers started here end with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    options = parser().parse_args(words or ["run"])
    if getattr(options, "server", None):
        options.no_write = True  # the document is about the revision that it belongs to
    programs.WORK.mkdir(parents=True, exist_ok=True)
    return options.does(options)
