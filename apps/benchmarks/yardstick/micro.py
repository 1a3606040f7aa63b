"""The micro benchmarks: runs them and makes a table of what they say."""

import argparse
import json
import subprocess

from . import document, machine, programs, table


# What benchmarks that do several things at a time count, in seconds for each.
PARTS = {"per_insert": "insert", "per_member": "member"}


def rows_of(report: dict) -> list[list[str]]:
    """Name, median CPU time, that of a part, and deviation of each benchmark."""
    by_name: dict[str, dict[str, dict]] = {}
    for each in report["benchmarks"]:
        if each["run_type"] == "aggregate":
            by_name.setdefault(each["run_name"], {})[each["aggregate_name"]] = each
    found = []
    for name, aggregates in by_name.items():
        median = aggregates["median"]
        if median.get("error_occurred"):
            found.append([name, "failed: " + median["error_message"], "", ""])
            continue
        deviation = aggregates["stddev"]["cpu_time"] / (median["cpu_time"] or 1)
        part = next((f"{table.figure(median[member] * 1e9)} ns per {what}"
                     for member, what in PARTS.items() if member in median), "")  # fmt: skip
        time = f"{table.figure(median['cpu_time'])} ns"
        found.append([name, time, part, f"{deviation:.1%}"])
    return found


def run(options: argparse.Namespace) -> int:
    output = programs.WORK / "micro.json"
    done = subprocess.run(
        [programs.BIN / "dcrf-micro", f"--benchmark_filter={options.filter}",
         f"--benchmark_repetitions={options.repetitions}",
         "--benchmark_report_aggregates_only=true",
         f"--benchmark_out={output}", "--benchmark_out_format=json"],
    )  # fmt: skip
    if done.returncode != 0:
        return done.returncode
    report = json.loads(output.read_text())
    failed = [each for each in report["benchmarks"] if each.get("error_occurred")]
    body = (
        f"## The parts by themselves\n\n{machine.description([])}\n\n"
        f"```sh\nscripts/bench micro --repetitions={options.repetitions}\n```\n\n"
        + table.table(["benchmark", "CPU, median", "", "deviation"], rows_of(report))
    )
    print(body)
    if options.filter == "." and not options.no_write and not failed:
        document.write("micro", body)
    return 1 if failed else 0
