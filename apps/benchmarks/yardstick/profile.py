"""Flame graphs: where the server's time goes, by perf."""

import argparse
import re
import subprocess
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from . import document, machine, programs, rounds
from .peers import Peer, started
from .scenarios import BY_NAME
from .shape import Shape

# Of Debian's libdevel-nytprof-perl: Brendan Gregg's script.
FLAMEGRAPH = Path("/usr/share/perl5/Devel/NYTProf/flamegraph.pl")
PICTURES = {
    "retrieve": "retrieve, 32 connections",
    "create": "create, 32 connections",
    "fan100": "an event to 100 subscribers",
}
FREQUENCY = 499  # samples a second, not in step with timers


def short_name(symbol: str) -> str:
    """A function without its arguments and those of templates, which fill screens."""
    kept, depth = [], 0
    text = symbol.replace("operator()", "operator call").replace("(anonymous namespace)", "anon")
    text = re.sub(r"operator(<<=?|>>=?|<=>|<=?|->\*?|>=?)", "operator", text)
    for each in text:
        depth += each in "<("
        if depth == 0:
            kept.append(each)
        depth -= each in ">)" and depth > 0
    name = "".join(kept).strip()
    name = re.sub(r" ?(const|\[clone [^]]*\])$", "", name)
    return name.split(" ")[-1] if " " in name and "operator" not in name else name or symbol


def stacks(script: Iterable[str]) -> Iterator[list[str]]:
    """The stacks in the output of `perf script`, innermost first."""
    stack: list[str] = []
    for line in script:
        frame = re.match(r"\s+[0-9a-f]+ (.+?)(?:\+0x[0-9a-f]+)? \(", line)
        if frame:
            stack.append(short_name(frame[1]))
        elif stack:
            yield stack
            stack = []
    if stack:
        yield stack


def folded(script: Iterable[str]) -> str:
    """A line per stack, outermost first, with how often it was seen."""
    counts = Counter(";".join(reversed(stack)) for stack in stacks(script))
    return "\n".join(f"{stack} {count}" for stack, count in sorted(counts.items())) + "\n"


def record(peer: Peer, name: str, seconds: float) -> str:
    """The folded stacks of a server while a scenario runs."""
    data = programs.WORK / f"{name}.perf"
    with started(peer) as server:
        row: dict = {}
        arguments = BY_NAME[name].arguments(peer.messages, Shape())
        worker = threading.Thread(
            target=lambda: row.update(rounds.load(server, arguments, seconds + 1))
        )
        worker.start()
        subprocess.run(
            ["perf", "record", "--quiet", "--output", data, "--event", "cpu-clock",
             "--freq", str(FREQUENCY), "--call-graph", "dwarf,16384",
             "--pid", str(server.process.pid), "--", "sleep", str(seconds)],
            check=True,
        )  # fmt: skip
        worker.join()
    if not row["ok"]:
        raise SystemExit(f"the profiled run of {name} was not right: {row}")
    script = subprocess.run(
        ["perf", "script", "--input", data, "--fields", "ip,sym,dso", "--no-inline"],
        capture_output=True, text=True, errors="replace", check=True,
    )  # fmt: skip
    data.unlink()
    return folded(script.stdout.splitlines())


def draw(stacks_of: str, title: str, output: Path) -> None:
    done = subprocess.run(
        ["perl", FLAMEGRAPH, "--title", title, "--countname", "samples", "--width", "1200",
         "--minwidth", "0.5", "--hash"],
        input=stacks_of, capture_output=True, text=True, check=True,
    )  # fmt: skip
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(done.stdout)


def run(peer: Peer, options: argparse.Namespace) -> int:
    folder = programs.WORK if options.no_write else document.IMAGES
    body = ["## Profiles\n", f"{machine.description([])}\n",
            f"```sh\nscripts/bench profile --seconds={options.seconds:g}\n```\n"]  # fmt: skip
    for name, title in PICTURES.items():
        found = record(peer, name, options.seconds)
        (programs.WORK / f"{name}.folded").write_text(found)
        picture = f"flame-{name}.svg"
        draw(found, title, folder / picture)
        samples = sum(int(line.rsplit(" ", 1)[1]) for line in found.splitlines())
        print(f"-- {folder / picture}: {samples} samples")
        body.append(f"![{title}](images/{picture})\n")
    if not options.no_write:
        document.write("profiles", "\n".join(body))
    return 0
