"""What a server keeps of what was committed."""

import asyncio

import pytest
from chat import ChatServer


class FeedServer(ChatServer):
    program = "dcrf-conformance"

    async def ask(self, *requests):
        """The data of the replies of the control endpoint."""
        async with self.connect(None, "/ws/control/") as client:
            replies = [await client.request(action, **arguments) for action, arguments in requests]
            assert all(reply["errors"] == [] for reply in replies), replies
            return [reply["data"] for reply in replies]

    def feed(self, *requests):
        """What the feed keeps after these."""
        return asyncio.run(self.ask(*requests, ("feed", {})))[-1]


def creation(name, model="thing"):
    return ("create", {"model": model, "fields": {"name": name}})


@pytest.fixture
def server(tmp_path):
    with FeedServer(tmp_path / "feed.db", "--feed-retention=1h,1MiB") as running:
        yield running


def test_without_retention_nothing_is_kept(tmp_path):
    with FeedServer(tmp_path / "feed.db") as server:
        assert server.feed(creation("one")) is None


def test_what_is_committed_is_kept_and_nothing_else(server):
    before = server.feed()
    after = server.feed(creation("one"), creation("two"))
    assert after["entries"] == before["entries"] + 2
    assert after["bytes"] > before["bytes"]
    assert after["oldest"] == before["oldest"]
    assert after["newest"] != before["newest"]
    assert server.feed(creation("nobody can subscribe to entries", model="entry")) == after
    step = {"do": "create", "fields": {"name": "three"}}
    rolled_back = ("transaction", {"model": "thing", "steps": [step], "commit": False})
    assert server.feed(rolled_back) == after
    assert server.feed(("transaction", {"model": "thing", "steps": [step] * 3}))["entries"] == after["entries"] + 1


def test_what_was_acknowledged_is_kept_when_the_server_is_killed(server):
    last = server.feed(creation("one"))
    server.kill()
    server.start()
    again = server.feed()
    assert again["entries"] == last["entries"]
    assert again["newest"] == last["newest"]


def test_all_but_the_newest_can_be_forgotten(server):
    newest = server.feed(*[creation(str(number)) for number in range(20)])["newest"]
    pruned = server.feed(("prune", {}))
    assert pruned["entries"] == 1
    assert pruned["oldest"] == pruned["newest"] == newest


def test_a_feed_has_no_more_than_it_shall_have(tmp_path):
    with FeedServer(tmp_path / "feed.db", "--feed-retention=50") as server:
        assert 50 <= server.feed(*[creation(str(number)) for number in range(200)])["entries"] <= 51


def test_pruning_waits_for_a_transaction_that_is_open(server):
    async def hold_and_prune():
        step = {"do": "create", "fields": {"name": "held"}}
        hold = ("transaction", {"model": "thing", "steps": [step], "hold_ms": 300})
        held, pruned = await asyncio.gather(server.ask(hold), server.ask(("prune", {})))
        assert held[0]["committed"]
        return pruned[0]

    assert asyncio.run(hold_and_prune())["entries"] >= 1
    assert server.feed(("prune", {}))["entries"] == 1
