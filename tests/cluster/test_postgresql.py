"""Nodes that have repositories of their own, over one PostgreSQL."""

import subprocess
import sys

import pytest
from nodes import ROOT, wait_until

sys.path.insert(0, str(ROOT / "tests"))

from postgresql import temporary  # noqa: E402


@pytest.fixture
def postgresql():
    with temporary() as running:
        yield running


def over(postgresql, cluster, *names):
    """Linked nodes, each with a connection of its own."""
    nodes = []
    for name in names:
        nodes.append(cluster.start(name, "--log-level=critical", database=postgresql.url,
                                   join=nodes[:1]))  # fmt: skip
    for node in nodes:
        others = {x.name: "linked" for x in nodes if x is not node}
        wait_until(lambda: node.sees(**others), f"{node.name} sees all")
    return nodes


@pytest.mark.parametrize("clients, changes", [("a", "a"), ("b", "b"), ("a", "b"), ("f", "a")])
def test_the_suite_passes(postgresql, cluster, clients, changes):
    """Clients are on one node, and others make their changes on another one; f has no database."""
    a, b = over(postgresql, cluster, "a", "b")
    nodes = {"a": a, "b": b}
    if clients == "f":
        nodes["f"] = cluster.start("f", "--log-level=critical", join=[a], repositories=b)
        wait_until(lambda: nodes["f"].sees(a="linked", b="linked"), "f sees both")
    suite = subprocess.run(
        [sys.executable, "-m", "suite", "--quiet", "--url", nodes[clients].url,
         "--control-url", nodes[changes].url],
        cwd=ROOT / "tests/conformance", capture_output=True, text=True)  # fmt: skip
    assert suite.returncode == 0, suite.stdout
    print(suite.stdout.splitlines()[-1])
