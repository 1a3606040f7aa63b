"""A randomised test: `DCRF_SEEDS=200` for more than the ten of each run, `DCRF_SEEDS=11-20` for some,
`DCRF_SEEDS=7-7` for one."""

import asyncio
import os

import network
import pytest
from chaos import Chaos
from nodes import certificates, tls, wait_until

STEPS = 3
FIRST, _, LAST = os.environ.get("DCRF_SEEDS", "10").rpartition("-")
SEEDS = range(int(FIRST or 1), int(LAST) + 1)


def three(cluster, folder, hosts):
    pki = certificates(folder / "pki", "a", "b", "c")

    def node(name, **settings):
        where = hosts.settings(name) if hosts else {}
        return cluster.start(name, *tls(pki, name), **where, **settings)

    a = node("a", database=f"sqlite://{folder}/chaos.db")
    b = node("b", join=[a], repositories=a)
    c = node("c", join=[b, a], repositories=a)
    a.join = [b, c]
    wait_until(lambda: a.sees(b="linked", c="linked") and b.sees(c="linked"), "all are linked")
    return [a, b, c]


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_lost_silently_and_nothing_comes_twice(cluster, tmp_path, seed):
    print(f"seed {seed}")
    hosts = network.Network("a", "b", "c") if network.is_permitted() else None
    if hosts:
        hosts.__enter__()
    try:
        chaos = Chaos(three(cluster, tmp_path, hosts), hosts, seed)
        problems = asyncio.run(asyncio.wait_for(chaos.run(STEPS), 180))
        assert problems == []
        written = sum(len(row.committed) for row in chaos.rows)
        seen = sum(len(span.frames) for span in chaos.spans)
        print(f"{written} writes, {seen} frames, {len(chaos.spans)} subscriptions")
        assert written > 100
    finally:
        cluster.end()
        if hosts:
            hosts.__exit__()
