"""Writers, subscribers and people on three nodes that are killed, frozen and cut off, and what they
saw.

Each row has one writer, which sets its text to 0, 1, 2, … one after the other: through any node, and
again after a failure with the next number. So what a subscriber may see of a row is known without
asking the system under test. A number that was answered with a failure may have been written or not,
and even after the next one; it must not come twice either.

Somebody is present on each node as long as their connection lasts, and anew under another name
after it broke. In the end all nodes must list just those who are there, and each of these must have
learned it from the events.
"""

import asyncio
import contextlib
import itertools
import random
import time

from suite.harness import Failed, Refused
from websockets.exceptions import ConnectionClosed

ROWS = 4
PLACE = "chaos"
LOST = (Failed, Refused, OSError, asyncio.TimeoutError, ConnectionClosed)


class Row:
    """What the model knows of a row: each number that was sent, and what became of it."""

    def __init__(self, pk):
        self.pk = pk
        self.sent = {}
        self.committed = {}  # only those that were acknowledged

    def must_have_come(self, after, before):
        """The acknowledged numbers between two."""
        return [x for x in self.committed if after < x < before]


class Span:
    """One subscription, from its 201 to the end of its connection or of the test."""

    def __init__(self, name):
        self.name = name
        self.began = None
        self.is_open = True
        self.frames = []  # (time, pk, number), or (time, None, None) for a notice

    def problems(self, rows):
        found = []
        for row in rows:
            found += self.problems_of(row)
        return found

    def problems_of(self, row):
        said = f"{self.name}, row {row.pk}:"
        seen = [(at, n) for at, pk, n in self.frames if pk == row.pk]
        notices = [at for at, pk, _ in self.frames if pk is None]
        numbers = [n for _, n in seen]
        yield from (f"{said} {n} came twice" for n in set(numbers) if numbers.count(n) > 1)
        for at, number in seen:
            if number not in row.sent or at < row.sent[number]:
                yield f"{said} {number} came before it was written"
        acknowledged = [(at, n) for at, n in seen if n in row.committed]
        for (_, one), (_, other) in itertools.pairwise(acknowledged):
            if other < one:
                yield f"{said} {other} came after {one}"
        # Before the first one: what was sent after the subscription was answered.
        first = [n for n in row.committed if row.sent[n] > self.began]
        edges = [(self.began, min(first) - 1)] if first else []
        edges += acknowledged
        if self.is_open:
            edges.append((time.monotonic(), max(row.committed) + 1))
        for (since, one), (_, other) in itertools.pairwise(edges):
            lost = row.must_have_come(one, other)
            if lost and not any(at >= since for at in notices):
                yield f"{said} {lost} did not come between {one} and {other}, and no notice"


class Person:
    """One connection that is present, and whom it knows to be."""

    def __init__(self, name):
        self.name = name
        self.is_there = False
        self.others = set()

    def note(self, frame):
        assert frame["presence"] == PLACE
        if frame["event"] == "join":
            self.others.add(frame["who"])
        else:
            self.others.discard(frame["who"])


class Chaos:
    def __init__(self, nodes, hosts, seed):
        self.nodes = nodes
        self.hosts = hosts
        self.random = random.Random(seed)
        self.rows = []
        self.spans = []
        self.people = []
        self.is_writing = True

    async def run(self, steps):
        tester = self.nodes[0].tester()
        user = await tester.user("ann")
        for _ in range(ROWS):
            self.rows.append(Row(await tester.create("comment", user=user, text="0")))
            self.rows[-1].sent[0] = self.rows[-1].committed[0] = 0
        await tester.finish()
        readers = [
            asyncio.create_task(self.read(node, number)) for node in self.nodes for number in (1, 2)
        ]
        readers += [asyncio.create_task(self.dwell(node)) for node in self.nodes]
        writers = [asyncio.create_task(self.write(row)) for row in self.rows]
        await asyncio.sleep(0.5)
        for _ in range(steps):
            await self.disturb()
        await self.settle()
        await asyncio.sleep(0.5)
        self.is_writing = False
        await asyncio.gather(*writers)
        await self.complete()
        await asyncio.sleep(1)  # in which nothing may come twice
        absent = await self.presence_problems()
        for reader in readers:
            reader.cancel()
        await asyncio.gather(*readers, return_exceptions=True)
        return absent + [problem for span in self.spans for problem in span.problems(self.rows)]

    async def complete(self):
        """Waits for what is on its way; what has not come by then is lost."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and (
            any(x.problems(self.rows) for x in self.spans) or await self.presence_problems()
        ):
            await asyncio.sleep(0.1)

    async def presence_problems(self):
        there = {x.name for x in self.people if x.is_there}
        found = [
            f"{x.name} knows of {sorted(x.others)}, not of {sorted(there)}"
            for x in self.people
            if x.is_there and x.others != there
        ]
        if len(there) != len(self.nodes):
            found.append(f"{sorted(there)} are present, not one on each node")
        for node in self.nodes:
            tester = node.tester()
            ws = await tester.open("/ws/presence/")
            listed = (await ws.ask("list", key=PLACE))["data"]
            await tester.finish()
            if sorted(listed) != sorted(there):
                found.append(f"{node.name} lists {sorted(listed)}, not {sorted(there)}")
        return found

    # -- what disturbs ------------------------------------------------------------------------------

    async def disturb(self):
        node = self.random.choice(self.nodes)
        what = self.random.choice(["kill", "freeze", "cut"] if self.hosts else ["kill", "freeze"])
        # Shorter and longer than it takes to notice.
        pause = self.random.choice([0.2, 1, 3, 6, 7])
        print(f"{what} {node.name} for {pause} s")
        if what == "kill":
            node.kill()
            await asyncio.sleep(pause)
            await asyncio.to_thread(node.start)
        elif what == "freeze":
            node.freeze()
            await asyncio.sleep(pause)
            node.resume()
        else:
            self.hosts.cut_off(node.name)
            await asyncio.sleep(pause)
            self.hosts.heal(node.name)
        await asyncio.sleep(self.random.choice([0, 0.5, 3]))

    async def settle(self):
        """Until all nodes are linked, and have been for a while."""
        end = time.monotonic() + 60
        quiet = 0
        while quiet < 5:
            assert time.monotonic() < end, "the nodes don't come together"
            linked = await asyncio.to_thread(self.are_linked)
            quiet = quiet + 1 if linked else 0
            await asyncio.sleep(0.3)

    def are_linked(self):
        try:
            return all(
                node.sees(**{x.name: "linked" for x in self.nodes if x is not node})
                for node in self.nodes
            )
        except OSError:
            return False

    # -- who writes and reads -----------------------------------------------------------------------

    async def write(self, row):
        number = 0
        while self.is_writing:
            tester = self.random.choice(self.nodes).tester()
            try:
                for _ in range(self.random.randrange(1, 30)):
                    number += 1
                    row.sent[number] = time.monotonic()
                    await asyncio.wait_for(
                        tester.update("comment", row.pk, text=str(number)), 3
                    )
                    row.committed[number] = time.monotonic()
                    await asyncio.sleep(self.random.uniform(0, 0.03))
                    if not self.is_writing:
                        break
            except LOST:
                await asyncio.sleep(0.1)
            finally:
                with contextlib.suppress(*LOST):
                    await tester.finish()

    async def read(self, node, number):
        for attempt in itertools.count(1):
            span = Span(f"subscription {attempt} of reader {number} on {node.name}")
            tester = node.tester()
            try:
                ws = await tester.open("/ws/comments/")
                await ws.call("subscribe_all", 201, None, request_id="s")
                span.began = time.monotonic()
                self.spans.append(span)
                while True:
                    self.note(span, await ws.recv(3600))
            except LOST:
                span.is_open = False
                await asyncio.sleep(0.1)
            finally:
                with contextlib.suppress(*LOST):
                    await tester.finish()

    async def dwell(self, node):
        for attempt in itertools.count(1):
            person = Person(f"{attempt} on {node.name}")
            tester = node.tester()
            try:
                ws = await tester.open("/ws/presence/")
                reply = await ws.ask("enter", key=PLACE, name=person.name)
                person.others.update(reply["data"])
                person.is_there = True
                self.people.append(person)
                while True:
                    person.note(await ws.recv(3600))
            except LOST:
                person.is_there = False
                await asyncio.sleep(0.1)
            finally:
                with contextlib.suppress(*LOST):
                    await tester.finish()

    @staticmethod
    def note(span, frame):
        now = time.monotonic()
        if frame["action"] == "missed":
            span.frames.append((now, None, None))
        else:
            span.frames.append((now, frame["data"]["id"], int(frame["data"]["text"])))
