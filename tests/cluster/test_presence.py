"""The chat on three nodes: who is here, whatever becomes of a node."""

import asyncio
import sys
import time

from nodes import ROOT, wait_until

sys.path.insert(0, str(ROOT / "tests/wire"))
from chat import ChatServer  # noqa: E402


class Chat(ChatServer):
    """The clients of a chat that runs as a node."""

    def __init__(self, node):
        self.port = node.port


def names(frame):
    return sorted(x["username"] for x in frame["usuarios"])


async def here(client, *wanted):
    await client.until(lambda frame: "usuarios" in frame and names(frame) == list(wanted))


async def listed(client, *wanted):
    """Waits until the list of rooms says who is in the only one."""
    end = time.monotonic() + 6
    while True:
        rooms = (await client.request("list"))["data"]
        found = sorted(x["username"] for x in rooms[0]["current_users"])
        if found == list(wanted):
            return
        assert time.monotonic() < end, f"{found} are listed, not {wanted}"
        await asyncio.sleep(0.05)


def test_who_is_here_over_all_nodes(cluster, tmp_path):
    chat = {"program": "dcrf-chat"}
    a = cluster.start("a", database=f"sqlite://{tmp_path}/chat.db", **chat)
    b = cluster.start("b", join=[a], repositories=a, **chat)
    c = cluster.start("c", join=[a], repositories=a, **chat)
    wait_until(lambda: b.sees(a="linked", c="linked"), "all are linked")

    async def test():
        on_a, on_b, on_c = Chat(a), Chat(b), Chat(c)
        ann, bob, eve = on_a.sign_up("ann"), on_b.sign_up("bob"), on_c.sign_up("eve")
        async with on_a.connect(ann) as first, on_c.connect(eve) as third:
            await first.request("create", data={"name": "lobby"})
            await first.join(1)
            second = await on_b.connect(bob).__aenter__()
            await second.join(1)
            await third.join(1)
            await here(first, "ann", "bob", "eve")
            await here(second, "ann", "bob", "eve")
            # A crash of a node takes its people along.
            b.kill()
            await asyncio.wait_for(here(first, "ann", "eve"), 6)
            await asyncio.wait_for(here(third, "ann", "eve"), 6)
            # So does the link to a node that is frozen, and it comes back with them.
            c.freeze()
            await asyncio.wait_for(here(first, "ann"), 6)
            c.resume()
            await here(first, "ann", "eve")
            await here(third, "ann", "eve")

    asyncio.run(asyncio.wait_for(test(), 90))


def test_the_list_of_rooms_after_a_node_in_front_has_crashed(cluster, tmp_path):
    chat = {"program": "dcrf-chat"}
    a = cluster.start("a", database=f"sqlite://{tmp_path}/chat.db", **chat)
    b = cluster.start("b", join=[a], repositories=a, **chat)

    async def test():
        on_a, on_b = Chat(a), Chat(b)
        ann, bob = on_a.sign_up("ann"), on_b.sign_up("bob")
        async with on_a.connect(ann) as first:
            await first.request("create", data={"name": "lobby"})
            await first.join(1)
            second = await on_b.connect(bob).__aenter__()
            await second.join(1)
            await listed(first, "ann", "bob")
            b.kill()  # and it does not come back
            await listed(first, "ann")

        b.start()
        wait_until(lambda: b.sees(a="linked"), "b is back")
        async with Chat(b).connect(bob) as second:
            await second.join(1)
            await listed(second, "bob")
            # The database forgets nobody who is connected elsewhere when its node starts again.
            a.kill()
            a.start()
            wait_until(lambda: b.get("/readyz")[0] == 200, "b has its database again")
            await listed(second, "bob")

    asyncio.run(asyncio.wait_for(test(), 90))
