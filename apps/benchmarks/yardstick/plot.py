"""Draws a picture (SVG) per group of scenarios, with gnuplot."""

import subprocess
from pathlib import Path

from . import ratios, results
from .scenarios import ALL, Scenario

TITLES = {
    "requests": "Server CPU per request (µs)",
    "writes": "Server CPU per write (µs)",
    "events": "Server CPU per delivered event (µs)",
    "memory": "Resident memory per idle, subscribed connection (B)",
    "connections": "Server CPU per connection: open, subscribe, ask, close (µs)",
    "latency": "Latency of one request at a time, median (µs)",
}
COLORS = {"dcrf": "#1f6feb", "beast": "#9aa4b2", "beast-coalesce": "#c3cad4",
          "beast-json-coal": "#7d8794", "feathers": "#e0823d"}  # fmt: skip

SETTINGS = """
set terminal svg size 860,420 font "sans-serif,13" background "#ffffff" name "{group}"
set output "{output}"
set title "{title}, median and spread{scale}"
set style data histogram
set style histogram errorbars gap 1.5 linewidth 1
set style fill solid border rgb "#444444"
set boxwidth 0.9
{axis}
set grid ytics linecolor rgb "#dddddd"
set border 3
set tics nomirror
set key outside top center horizontal
set datafile missing "?"
"""


def data(rows: list[dict], scenarios: list[Scenario], peers: list[str]) -> str:
    """A line per scenario: its name, then median, least and most of each peer."""
    lines = []
    for scenario in scenarios:
        cells = [f'"{scenario.name}"']
        for peer in peers:
            found = ratios.spread(
                results.values(rows, scenario.name, peer, scenario.metric).values()
            )
            cells += [f"{each:g}" for each in (found.median, found.least, found.most)] \
                if found else ["NaN"] * 3  # fmt: skip
        lines.append(" ".join(cells))
    return "\n".join(lines)


def draw(rows: list[dict], group: str, folder: Path) -> str | None:
    """Draws a group of scenarios; returns a line of Markdown, none if nothing was measured."""
    measured = {(row["test"], row["peer"]) for row in rows if row["ok"]}
    scenarios = [each for each in ALL if each.group == group
                 and any((each.name, peer) in measured for peer in each.peers)]  # fmt: skip
    peers = [peer for peer in COLORS if any((each.name, peer) in measured for each in scenarios)]
    if not scenarios:
        return None
    name = f"benchmark-{group}.svg"
    bars = [
        f"$figures using {2 + 3 * i}:{3 + 3 * i}:{4 + 3 * i}:xtic(1) "
        f'title "{peer}" linecolor rgb "{COLORS[peer]}"'
        for i, peer in enumerate(peers)
    ]
    heights = [
        figure
        for each in scenarios
        for peer in each.peers
        for figure in results.values(rows, each.name, peer, each.metric).values()
    ]
    is_wide = max(heights) > 10 * min(heights)
    program = SETTINGS.format(
        group=group,
        output=folder / name,
        title=TITLES[group],
        scale=" (logarithmic)" if is_wide else "",
        axis="set logscale y" if is_wide else "set yrange [0:*]",
    )
    program += f"$figures << end\n{data(rows, scenarios, peers)}\nend\n"
    program += "plot " + ", ".join(bars) + "\n"
    subprocess.run(["gnuplot"], input=program, text=True, check=True)
    return f"![{TITLES[group]}](images/{name})"


def draw_all(rows: list[dict], folder: Path) -> list[str]:
    folder.mkdir(parents=True, exist_ok=True)
    return [line for group in TITLES if (line := draw(rows, group, folder))]
