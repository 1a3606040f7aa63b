"""An application's own actors on several nodes: they reach what is anywhere, by the names of nodes."""

import asyncio
import json
import queue
import subprocess
import threading

import pytest
from nodes import PATIENCE, wait_until


class Kitchen:
    """A node of `tests/composing/nodes.cpp`, and what its actor says."""

    def __init__(self, node):
        self.node = node
        self.start()

    def start(self):
        self.node.stdin = subprocess.PIPE
        self.node.start()
        self.said = queue.Queue()
        threading.Thread(target=self.listen, args=(self.node.process, self.said), daemon=True).start()

    @staticmethod
    def listen(process, said):
        for line in process.stdout:
            said.put(json.loads(line))

    def do(self, *words):
        self.node.process.stdin.write(" ".join(words) + "\n")
        self.node.process.stdin.flush()

    def hear(self):
        return self.said.get(timeout=PATIENCE)

    def ask(self, *words):
        self.do(*words)
        return self.hear()

    def stop(self):
        if self.node.is_running():
            self.node.process.stdin.close()
            assert self.node.process.wait(timeout=PATIENCE) == 0


@pytest.fixture
def kitchens(cluster, tmp_path):
    program = {"program": "dcrf-composed-node"}
    a = cluster.node("a", database=f"sqlite://{tmp_path}/a.db", **program)
    b = cluster.node("b", database=f"sqlite://{tmp_path}/b.db", join=[a], **program)
    c = cluster.node("c", join=[b, a], repositories=a, **program)
    running = [Kitchen(a), Kitchen(b), Kitchen(c)]
    wait_until(lambda: a.sees(b="linked", c="linked") and b.sees(c="linked"), "all are linked")
    yield running
    for kitchen in running:
        kitchen.stop()


def test_a_repository_of_any_node_by_its_name(kitchens):
    a, b, c = kitchens
    assert a.ask("order", "a", "soup") == {"answer": 1}
    assert b.ask("order", "a", "salad") == {"answer": 2}
    assert c.ask("order", "a", "bread") == {"answer": 3}
    # Each database is one of its own.
    assert a.ask("order", "b", "tea") == {"answer": 1}
    assert c.ask("order", "b", "milk") == {"answer": 2}
    said = b.ask("order", "c", "wine")["error"]
    assert "node c has not the database of this node's models" in said
    assert "node nobody is not linked" in a.ask("order", "nobody", "wine")["error"]


def test_a_handle_works_again_when_its_node_was_started_anew(kitchens):
    a, b, c = kitchens
    assert c.ask("order", "b", "tea") == {"answer": 1}
    assert c.ask("tell", "b", "hello") == {"answer": 0}
    b.node.kill()
    wait_until(lambda: c.node.sees(b="lost"), "b is lost")
    assert "node b is not linked" in c.ask("order", "b", "milk")["error"]
    assert "node b is not linked" in c.ask("tell", "b", "hello")["error"]
    b.start()
    wait_until(lambda: c.node.sees(b="linked"), "b is back")
    assert c.ask("order", "b", "milk") == {"answer": 2}
    assert c.ask("tell", "b", "hello") == {"answer": 0}


def test_what_is_asked_when_a_node_freezes_is_answered_with_an_error(kitchens):
    a, b, c = kitchens
    b.node.freeze()
    said = c.ask("order", "b", "tea")["error"]
    assert "the link to node b was lost" in said
    b.node.resume()
    wait_until(lambda: c.node.sees(b="linked") and b.node.sees(c="linked"), "b is back")


def test_sessions_of_any_node(kitchens):
    a, b, c = kitchens

    async def test():
        on_b, on_c = b.node.tester(), c.node.tester()
        first, second = await on_b.open("/ws/"), await on_c.open("/ws/")
        assert await asyncio.to_thread(a.ask, "tell", "b", "dinner") == {"answer": 1}
        assert await first.recv() == "dinner"
        assert await asyncio.to_thread(b.ask, "tell", "b", "lunch") == {"answer": 1}
        assert await first.recv() == "lunch"
        await second.silence(0.3)
        await on_b.finish()
        await on_c.finish()

    asyncio.run(asyncio.wait_for(test(), 60))


def test_groups_span_all_nodes(kitchens):
    a, b, c = kitchens
    assert b.ask("watch") == c.ask("watch") == {"answer": True}
    a.do("say", "hurry")
    assert b.hear() == c.hear() == {"said": "hurry"}
    assert a.ask("order", "a", "soup") == {"answer": 1}
    assert b.hear() == c.hear() == {"event": "create", "order": "1"}


def test_presence_spans_all_nodes(kitchens):
    a, b, c = kitchens
    a.do("enter", "ann")
    b.do("enter", "bob")
    wait_until(lambda: sorted(c.ask("people")["answer"]) == ["ann", "bob"], "both are there")
    b.node.kill()
    wait_until(lambda: c.ask("people")["answer"] == ["ann"], "bob has gone", 6)
    b.start()
