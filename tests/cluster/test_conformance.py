"""The whole conformance suite against nodes of a cluster."""

import subprocess
import sys

import pytest
from nodes import ROOT


@pytest.mark.parametrize("clients, changes", [("b", "b"), ("b", "a"), ("b", "c"), ("a", "b")])
def test_the_suite_passes(cluster, clients, changes):
    """Clients are on one node, and others make their changes on another one."""
    nodes = {node.name: node for node in cluster.three("--log-level=critical")}
    suite = subprocess.run(
        [sys.executable, "-m", "suite", "--quiet", "--url", nodes[clients].url,
         "--control-url", nodes[changes].url],
        cwd=ROOT / "tests/conformance", capture_output=True, text=True)  # fmt: skip
    assert suite.returncode == 0, suite.stdout
    print(suite.stdout.splitlines()[-1])
