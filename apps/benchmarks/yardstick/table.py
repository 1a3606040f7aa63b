"""Results as tables of Markdown."""

from collections.abc import Iterable

from . import ratios, results
from .ratios import Spread
from .scenarios import ALL, MEMORY, TARGETS, Scenario


def figure(value: float) -> str:
    size = abs(value)
    return f"{value:,.0f}" if size >= 100 else f"{value:.1f}" if size >= 10 else f"{value:.2f}"


def cell(found: Spread | None) -> str:
    """`median [least–most]`"""
    if found is None:
        return "–"
    if found.count == 1:
        return figure(found.median)
    return f"{figure(found.median)} [{figure(found.least)}–{figure(found.most)}]"


def table(head: Iterable[str], body: Iterable[Iterable[str]]) -> str:
    names = list(head)
    lines = [names, ["---"] * len(names), *body]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


COLUMNS = {
    "server_cpu_us_per_request": "server CPU, µs per request",
    "requests_per_s": "requests/s",
    "server_cpu_us_per_delivery": "server CPU, µs per delivery",
    "deliveries_per_s": "deliveries/s",
    "server_cpu_us_per_connection": "server CPU, µs per connection",
    "connections_per_s": "connections/s",
    "rss_bytes_per_connection": "memory, B per connection",
    "connects_per_s": "connections/s",
    "server_cpu_us_per_connect": "server CPU, µs per connection opened",
    "latency_us.p50": "p50, µs",
    "latency_us.p99": "p99, µs",
}
SHOWN = {
    "actions": ("server_cpu_us_per_request", "requests_per_s", "latency_us.p50", "latency_us.p99"),
    "fanout": ("server_cpu_us_per_delivery", "deliveries_per_s", "latency_us.p50",
               "latency_us.p99"),
    "idle": (MEMORY, "connects_per_s", "server_cpu_us_per_connect"),
    "churn": ("server_cpu_us_per_connection", "connections_per_s"),
}  # fmt: skip


def of_targets(rows: list[dict]) -> str:
    """Each target that was measured, and whether it is met."""
    measured = {(row["test"], row["peer"]) for row in rows}
    body = []
    for target in TARGETS:
        found = ratios.of_target(rows, target)
        wanted = {(target.scenario, target.of)}
        if target.against is not None:
            wanted.add((target.in_scenario or target.scenario, target.against))
        if found is not None:
            verdict = "met" if target.is_met_by(found.median) else "**missed**"
            body.append([target.scenario, target.what, cell(found), target.bound, verdict])
        elif wanted <= measured:
            body.append([target.scenario, target.what, "no round was right", target.bound,
                         "**missed**"])  # fmt: skip
    head = ["scenario", "figure", "median [spread]", "target", ""]
    return table(head, body) + "\n" if body else ""


def of_scenario(rows: list[dict], scenario: Scenario) -> str:
    """The figures of all peers in one scenario; nothing if none was measured."""
    own = [row for row in rows if row["test"] == scenario.name]
    kind = next((row["scenario"] for row in own if "scenario" in row), None)
    if kind is None:
        return ""
    members = SHOWN[kind]
    body = []
    for peer in scenario.peers:
        runs = [row for row in own if row["peer"] == peer]
        if not runs:
            continue
        cells = [cell(ratios.spread(results.values(own, scenario.name, peer, member).values()))
                 for member in members]  # fmt: skip
        right = sum(1 for row in runs if row["ok"])
        body.append([peer, *cells, f"{right}/{len(runs)}"])
    head = ["peer", *(COLUMNS[member] for member in members), "runs right"]
    return f"**{scenario.name}**: {scenario.what}\n\n{table(head, body)}\n"


def of_faults(rows: list[dict]) -> str:
    """The runs that don't count, and why."""
    wrong = [row for row in rows if not row["ok"]]
    if not wrong:
        return "Every run was right: each request answered once, each event received once.\n"
    lines = [
        f"- {row['test']}, {row['peer']}, round {row['round']}: "
        + ", ".join(f"{name} {value}" for name, value in results.faults(row).items())
        for row in wrong
    ]
    return "These runs were not right and don't count:\n\n" + "\n".join(lines) + "\n"


def of_all(rows: list[dict]) -> str:
    parts = [of_targets(rows), *(of_scenario(rows, scenario) for scenario in ALL),
             of_faults(rows)]  # fmt: skip
    return "\n".join(part for part in parts if part)
