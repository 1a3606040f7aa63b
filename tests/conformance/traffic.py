"""
Random traffic: connections to all endpoints send random requests, valid and not, and check what
comes back. Every request is answered as often as its action says, under its own request id, in the
envelope; nothing that the server gets makes it fail.
"""

import asyncio
import contextlib
import json
import random
import time
from collections import Counter

import websockets

from suite.harness import Tester

PATIENCE = 30
ENVELOPE = {"errors", "data", "action", "response_status", "request_id"}
# What comes without an envelope, by one of its members.
FREE_FRAMES = {"heard", "background", "event", "either", "usuarios", "free", "pk"}

# The actions of events, which bear the id of the request that subscribed.
EVENTS = {"create", "update", "delete", "bare", "full", "royal", "by_channel"}

JUNK = [None, True, False, 0, -1, 1, 2, 3.5, 1e300, 2**63 - 1, -(2**63), 2**64 - 1, 10**30, "", " ", "x",
        "7", "ünïcode \U0001f600", "a\u0000b", "'; DROP TABLE user; --", "<script>", "x" * 3000, [], [1], [[[]]],
        {}, {"a": {"b": [1, None]}}, {"stream": "users", "payload": {"action": "retrieve", "pk": 1}}]  # fmt: skip

KINDS = ["validation_text", "validation_list", "validation_dict", "validation_nested", "parse", "not_authenticated",
         "authentication_failed", "permission_denied", "not_found", "http404", "method_not_allowed", "throttled",
         "throttled_wait", "api", "teapot", "crash", "no such kind"]  # fmt: skip

# How often an action is answered: always once; once or, if it went well, not at all; at least once;
# any number of times.
ONCE, AT_MOST_ONCE, SEVERAL, ANY = "once", "at most once", "several", "any number of times"
OPTIONAL = {AT_MOST_ONCE, ANY}


class Endpoint:
    """A consumer: the arguments of its actions, made anew for each request, and their answers."""

    def __init__(self, actions, answers=None):
        self.actions = actions
        self.answers = answers or {}


def key(random):
    return random.choice([1, 2, 3, 4, 5, 99, "1", "2"])


def word(random):
    return random.choice(["ann", "bob", "red", "green", "item 1", "x" * 40, ""]) + str(random.randint(0, 30))


def objects(fields, *more):
    """The actions over a model."""
    actions = {
        "list": {},
        "retrieve": {"pk": key},
        "create": {"data": fields},
        "update": {"pk": key, "data": fields},
        "patch": {"pk": key, "data": fields},
        "delete": {"pk": key},
        "subscribe_instance": {"pk": key},
        "unsubscribe_instance": {"pk": key},
    }
    for name in more:
        actions[name] = {"user_pk": key, "comment_pk": key, "things": lambda r: [key(r)], "pk": key}
    return Endpoint(actions)


def some(**fields):
    """An object with some of the fields."""
    return lambda r: {name: make(r) for name, make in fields.items() if r.random() < 0.9}


def one_of(*values):
    return lambda r: r.choice(values)


USERS = objects(some(username=word, email=lambda r: f"{r.randint(0, 99)}@example.com", password=word))
COMMENTS = objects(some(text=word, user=key), "subscribe_all", "unsubscribe_all", "unsubscribe_everyone", "subscribe_pks",
                   "unsubscribe_pks", "subscribe_user", "unsubscribe_user", "subscribe_either",
                   "unsubscribe_either")  # fmt: skip
SAMPLES = objects(
    some(
        name=word, note=word, label=word, count=one_of(0, 7, "8", 101), big=one_of(2**63 - 1, 2**63, "5", None),
        ratio=one_of(1.5, "2", "x"), price=one_of("1.50", 3, "123456789", "1.234"), active=one_of(True, "yes", 2),
        kind=one_of("a", "b", "c"), at=one_of("2024-01-02T03:04:05Z", "2024", None), day=one_of("2024-01-02", "2"),
        uid=one_of("12345678-1234-5678-1234-567812345678", "x"), extra=lambda r: r.choice(JUNK[:-1]), owner=key,
    )
)  # fmt: skip
THINGS = objects(some(name=word, counter=one_of(1, 2)), "subscribe_many", "unsubscribe_many")
PAGES = {"list": {"limit": one_of(1, 3, "5", 1000), "offset": one_of(0, 2, 50), "min_rank": one_of(0, 3)}}
STREAMED = Endpoint({**PAGES, "list_cancel": {}, "ping": {}}, {"list": ANY})
ACTIONS = Endpoint(
    {
        "echo": {"x": one_of(*JUNK)}, "sync_echo": {"y": one_of(*JUNK)}, "see_request": {}, "renamed.action": {},
        "renamed-sync": {}, "original_name": {}, "answer": {"data": one_of(*JUNK), "status": one_of(200, 418)},
        "no_answer": {}, "sync_no_answer": {}, "many_answers": {"count": one_of(0, 1, 5)},
        "raw_frame": {"frame": lambda r: {"free": 1}}, "fail": {"kind": one_of(*KINDS)},
        "sync_fail": {"kind": one_of(*KINDS)}, "needs_number": {"number": one_of(1, 5)},
        "slow": {"delay_ms": one_of(1, 20)}, "detached_slow": {"delay_ms": one_of(1, 20)},
        "detached_fail": {"kind": one_of(*KINDS), "delay_ms": one_of(1, 20)},
        "detached_write": {"name": word, "delay_ms": one_of(1, 20)}, "detached.renamed": {},
        "start_background": {"delay_ms": one_of(1, 20), "value": one_of(1, "x")},
        "atomic_write": {"name": word, "fail": one_of(None, "crash", "teapot")},
        "plain_write": {"name": word, "fail": one_of(None, "crash")}, "count": {}, "join": {"name": word},
        "leave": {"name": word}, "say": {"name": word, "words": word}, "whoami": {},
    },
    {
        "no_answer": AT_MOST_ONCE, "sync_no_answer": AT_MOST_ONCE, "raw_frame": AT_MOST_ONCE,
        "many_answers": SEVERAL,
    },
)  # fmt: skip
SIGNALS = Endpoint(
    {
        "subscribe": {"observer": one_of("bare", "full", "royal", "by_channel", "none"), "channel": word},
        "unsubscribe": {"observer": one_of("bare", "full", "royal", "by_channel"), "channel": word},
    }
)
PERMISSIONS = Endpoint({"read": {"secret": one_of("xyzzy", "x")}, "write": {}, "list": {}, "create": {}})
VIEWS = Endpoint(
    {
        name: {
            "query": some(min_rank=one_of(1, "2", "x"), name=one_of("item 1", ["item 2"])),
            "parameters": some(pk=key, kind=one_of("text", "json", "bytes", "x")),
            "data": some(name=word, rank=one_of(1, "x")),
        }
        for name in ("list", "retrieve", "create", "update", "fetch", "store", "remove", "trace")
    }
)
CHAT = Endpoint(
    {
        "retrieve": {"pk": key}, "subscribe_instance": {"pk": key}, "unsubscribe_instance": {"pk": key},
        "join_room": {"pk": key}, "leave_room": {"pk": key}, "create_message": {"message": word},
        "subscribe_to_messages_in_room": {"pk": key}, "unsubscribe_from_messages_in_room": {"pk": key},
    },
    {
        name: AT_MOST_ONCE
        for name in ("join_room", "leave_room", "create_message", "subscribe_to_messages_in_room",
                     "unsubscribe_from_messages_in_room")
    },
)  # fmt: skip

PATHS = {
    "/ws/users/": USERS, "/ws/users-by-name/": USERS, "/ws/samples/": SAMPLES, "/ws/comments/": COMMENTS,
    "/ws/comments-live/": COMMENTS, "/ws/own-comments/": objects(some(text=word)),
    "/ws/gadgets/": objects(some(name=word, description=word), "subscribe_all"),
    "/ws/tickets/": objects(some(title=word), "subscribe_all"), "/ws/rooms/": objects(some(), "subscribe_all"),
    "/ws/rooms-plain/": objects(some()), "/ws/paginated/": Endpoint(PAGES),
    "/ws/paginated-no-default/": Endpoint(PAGES), "/ws/paginated-off/": Endpoint(PAGES),
    "/ws/streamed/": STREAMED, "/ws/actions/": ACTIONS, "/ws/lobby/": ACTIONS, "/ws/talk/7/tea/": ACTIONS,
    "/ws/signals/": SIGNALS, "/ws/chat/room/": CHAT,
    **{f"/ws/perms/{name}/": PERMISSIONS for name in (
        "any", "none", "authenticated", "and", "or", "not", "complex", "all", "by-action", "by-argument", "sync",
        "drf-read-only")},
    **{f"/ws/view/{name}/": VIEWS for name in (
        "items", "item", "mirror", "body", "mapped", "wrong-method", "private", "guarded", "plain")},
}  # fmt: skip
MULTIPLEXED = {
    "/ws": {"things": THINGS, "things_with_id": THINGS},
    "/ws/mux/": {"users": USERS, "comments": COMMENTS, "actions": ACTIONS, "actions2": ACTIONS, "items": STREAMED},
    "/ws/hyper/": {
        "users": USERS, "comments": COMMENTS,
        "teams": objects(some(name=word)), "profiles": objects(some(user=key, team=key)),
    },
}  # fmt: skip


class Client:
    """One connection after the other to endpoints chosen at random."""

    def __init__(self, number, url, seed, problems, counts):
        self.number = number
        self.url = url
        self.random = random.Random(seed)
        self.problems = problems
        self.counts = counts
        self.last_id = 0

    async def run(self, deadline):
        while time.monotonic() < deadline:
            path = self.random.choice([*PATHS, *list(MULTIPLEXED) * 4])
            user = self.random.choice(["ann", "bob", "eve", "staff", "nobody", ""])
            try:
                async with websockets.connect(
                    f"{self.url}{path}?user={user}", max_size=None, compression=None, open_timeout=PATIENCE
                ) as socket:
                    await self.converse(socket, path, min(deadline, time.monotonic() + 5))
                    if self.random.random() < 0.3:
                        socket.transport.abort()
            except websockets.exceptions.InvalidStatusCode as refused:
                if refused.status_code != 403:
                    self.problems.append(f"{path}: HTTP {refused.status_code}")
            except websockets.exceptions.ConnectionClosed as closed:
                self.problems.append(f"{path}: closed with {closed.code}")

    async def converse(self, socket, path, until):
        self.waiting = {}
        self.nameless = 0
        self.answered = {}
        self.path = path
        reader = asyncio.create_task(self.read(socket))
        try:
            while time.monotonic() < until:
                for _ in range(self.random.randint(1, 12)):
                    await socket.send(self.request(path))
                await self.all_answered(reader)
        finally:
            reader.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await reader

    async def all_answered(self, reader):
        self.progress = asyncio.Event()
        deadline = time.monotonic() + PATIENCE
        while any(answers not in OPTIONAL for _, answers in self.waiting.values()) or self.nameless > 0:
            waiting = asyncio.create_task(self.progress.wait())
            done, _ = await asyncio.wait(
                {waiting, reader}, timeout=deadline - time.monotonic(), return_when=asyncio.FIRST_COMPLETED
            )
            waiting.cancel()
            if reader in done:
                reader.result()
                return
            if not done:
                missing = [name for name, answers in self.waiting.values() if answers not in OPTIONAL]
                self.problems.append(f"{self.path}: no answer to {missing} and {self.nameless} without a name")
                return
            self.progress.clear()

    # -- requests ----------------------------------------------------------------------------------

    def request(self, path):
        self.counts["requests"] += 1
        streams = MULTIPLEXED.get(path)
        if self.random.random() < 0.05:
            self.nameless += 1
            return self.random.choice(["{", "", "[]", "null", "1", "nonsense", '{"a":', "[" * 100000, b"\xff\x00", b"{}",
                                       '{"a": NaN}'])  # fmt: skip
        stream = self.random.choice(list(streams)) if streams else None
        payload = self.payload(streams[stream] if streams else PATHS[path])
        frame = {"stream": stream, "payload": payload} if streams else payload
        return json.dumps(frame)

    def payload(self, endpoint):
        self.last_id += 1
        request_id = self.random.choice([f"{self.number}-{self.last_id}", self.number * 10**9 + self.last_id])
        name = self.random.choice(list(endpoint.actions))
        payload = {key: make(self.random) for key, make in endpoint.actions[name].items()}
        answers = endpoint.answers.get(name, ONCE)
        what = self.random.random()
        if what < 0.05:
            name, answers = self.random.choice(["reply", "send", "no such action", "", "ünïcode", "close"]), ONCE
        elif what < 0.15 and payload:
            payload.pop(self.random.choice(list(payload)))
        elif what < 0.35 and payload:
            # Delays stay what they are: a random one may be a year.
            for changed in self.random.sample(sorted(payload), 1):
                if changed != "delay_ms":
                    payload[changed] = self.random.choice(JUNK)
        self.waiting[request_id] = (name, answers)
        return {"action": name, "request_id": request_id, **payload}

    # -- what comes back ---------------------------------------------------------------------------

    async def read(self, socket):
        async for text in socket:
            self.counts["frames"] += 1
            try:
                frame = json.loads(text)
                if self.path in MULTIPLEXED:
                    assert set(frame) == {"stream", "payload"}, "is not multiplexed"
                    frame = frame["payload"]
                self.take(frame)
            except (ValueError, AssertionError) as error:
                self.problems.append(f"{self.path}: {error}: {text[:300]!r}")
            self.progress.set()

    def take(self, frame):
        if isinstance(frame, dict) and set(frame) == {"bytes", "sha256"}:  # of a binary message
            self.nameless -= 1
            return
        if not isinstance(frame, dict) or not set(frame) >= ENVELOPE:
            is_free = isinstance(frame, dict) and set(frame) & FREE_FRAMES
            # A raw frame is whatever the request had.
            assert is_free or self.path in ("/ws/mux/", "/ws/actions/", "/ws/lobby/", "/ws/talk/7/tea/"), "is no reply"
            return
        assert set(frame) == ENVELOPE, "has more than an envelope"
        assert (frame["data"] is None) if frame["errors"] else True, "has errors and data"
        request_id = frame["request_id"]
        if request_id is None:
            self.nameless -= 1
            return
        name, answers = self.waiting.pop(request_id, (None, None))
        if name == frame["action"]:
            self.answered[request_id] = answers
        elif request_id in self.answered:
            is_event = frame["action"] in EVENTS
            assert is_event or self.answered[request_id] in (SEVERAL, ANY), "is answered twice"
        else:
            assert name is None, "has the action of another request"


async def run_traffic(url, seconds, connections, seed):
    """@returns what went wrong, in words"""
    tester = Tester(url)
    await tester.control("reset")
    for name in ("ann", "bob", "eve", "staff"):
        await tester.control("create", model="user", fields={"username": name, "email": f"{name}@example.com",
                             "password": "x", "is_staff": name == "staff"})  # fmt: skip
    for number in range(5):
        await tester.control("create", model="item", fields={"name": f"item {number}", "rank": number})
        await tester.control("create", model="team", fields={"name": f"team {number}"})
        await tester.control("create", model="room", fields={"name": f"room {number}", "host": 1})
    await tester.finish()
    problems, counts = [], Counter()
    deadline = time.monotonic() + seconds
    clients = [Client(n, url, seed * 1000 + n, problems, counts) for n in range(connections)]
    await asyncio.gather(*(x.run(deadline) for x in clients))
    print(f"{counts['requests']} requests, {counts['frames']} frames back, seed {seed}")
    return problems
