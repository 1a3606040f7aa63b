"""Where the programs are, and how they are built."""

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
BIN = ROOT / "build" / "release" / "bin"
WORK = ROOT / "build" / "benchmarks"
FEATHERS = WORK / "feathers"
FEATHERS_SOURCE = ROOT / "apps" / "benchmarks" / "peers" / "feathers"

LOAD = BIN / "dcrf-load"
BEAST = BIN / "dcrf-bench-peer"


def build(*targets: str) -> None:
    """Installs the packages of the benchmarks and builds these targets, optimized."""
    subprocess.run([ROOT / "scripts" / "install", "bench"], check=True)
    subprocess.run([ROOT / "scripts" / "build", "release", *targets], check=True)


def install_feathers() -> None:
    """Puts the FeathersJS server and what it needs into the build tree."""
    FEATHERS.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", "server.js"):
        shutil.copy(FEATHERS_SOURCE / name, FEATHERS)
    command = ["npm", "ci", "--no-audit", "--no-fund"]
    subprocess.run(command, cwd=FEATHERS, check=True)
