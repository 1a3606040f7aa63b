"""What a user may is taken away on every node."""

import asyncio

import websockets
from nodes import PATIENCE

WITHIN = 5


def run(test):
    asyncio.run(asyncio.wait_for(test, 60))


async def closed(node, path, codes):
    """A client of a node; notes what it is closed with."""
    client = await websockets.connect(node.url + path, open_timeout=PATIENCE)

    async def wait():
        await client.wait_closed()
        codes.append(client.close_code)

    return client, asyncio.create_task(wait())


def test_a_user_is_revoked_and_kicked_on_every_node(cluster):
    nodes = cluster.three()

    async def test():
        tester = nodes[1].tester()
        ann = await tester.user("ann")
        await tester.user("eve")
        entry = await tester.create("entry", name="ann")
        await tester.create("entry", name="eve")
        codes = []
        waiting = []
        others = []
        for node in nodes:
            waiting.append((await closed(node, "/ws/perms/revoke/?user=ann", codes))[1])
            others.append((await closed(node, "/ws/perms/revoke/?user=eve", [])))
        await tester.control("delete", model="entry", pk=entry)
        await tester.control("revoke", user=ann)
        await asyncio.wait_for(asyncio.gather(*waiting), WITHIN)
        assert codes == [4403] * 3

        codes.clear()
        waiting = [(await closed(node, "/ws/comments/?user=ann", codes))[1] for node in nodes]
        await tester.control("kick", user=ann)
        await asyncio.wait_for(asyncio.gather(*waiting), WITHIN)
        assert codes == [4403] * 3

        for client, task in others:
            assert not task.done()
            await client.close()
            await task
        await tester.finish()

    run(test())
