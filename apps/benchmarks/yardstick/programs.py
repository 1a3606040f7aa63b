"""Where the programs are, and how they are built."""

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
BIN = ROOT / "build" / "release" / "bin"
WORK = ROOT / "build" / "benchmarks"
FEATHERS = WORK / "feathers"
FEATHERS_SOURCE = ROOT / "apps" / "benchmarks" / "peers" / "feathers"
NODE_PG = WORK / "node-pg"
NODE_PG_SOURCE = ROOT / "apps" / "benchmarks" / "peers" / "node-pg"

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


def install_node_pg() -> None:
    """Puts the plain Node.js server and what it needs into the build tree."""
    NODE_PG.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "server.js"):
        shutil.copy(NODE_PG_SOURCE / name, NODE_PG)
    command = ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund"]
    subprocess.run(command, cwd=NODE_PG, check=True)
