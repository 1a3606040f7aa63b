"""What the figures were measured on."""

import os
import platform
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from .programs import FEATHERS_SOURCE, ROOT

PACKAGES = {"g++": "gcc", "libboost1.81-dev": "Boost", "libcaf-dev": "CAF",
            "libsoci-dev": "SOCI", "libsqlite3-0": "SQLite", "nlohmann-json3-dev": "nlohmann",
            "libsimdjson-dev": "simdjson"}  # fmt: skip


def output_of(*command: str) -> str:
    try:
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout.strip()
    except FileNotFoundError:
        return ""


def processor() -> str:
    found = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    return found[1].strip() if found else platform.machine()


def memory() -> str:
    found = re.search(r"MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text())
    return f"{int(found[1]) / 1048576:.0f} GiB" if found else "?"


def revision() -> str:
    changed = output_of("git", "status", "--porcelain", "--untracked-files=no", "--",
                        "libdcrf", "actors", "apps/benchmarks")  # fmt: skip
    return output_of("git", "rev-parse", "--short=12", "HEAD") + (" with changes" if changed else "")


def versions() -> str:
    known = []
    for package, name in PACKAGES.items():
        version = output_of("dpkg-query", "--show", "--showformat", "${Version}", package)
        if version:
            known.append(f"{name} {re.split(r'[-+]', version.split(':')[-1])[0]}")
    if node := output_of("node", "--version"):
        known.append(f"Node.js {node.removeprefix('v')}")
    package = (FEATHERS_SOURCE / "package.json").read_text()
    if found := re.search(r'"@feathersjs/feathers": "([^"]+)"', package):
        known.append(f"FeathersJS {found[1]}")
    return ", ".join(known)


def description(rows: list[dict]) -> str:
    """A paragraph on the machine, its load during these runs, and the versions of everything."""
    loads = [row["load1"] for row in rows if "load1" in row] or [os.getloadavg()[0]]
    return (
        f"Measured on {datetime.now(UTC):%Y-%m-%d}, revision {revision()}: {processor()}, "
        f"{os.cpu_count()} cores, {memory()}, Linux {platform.release()}; load average "
        f"{min(loads):.1f} to {max(loads):.1f}. {versions()}."
    )
