"""A client that follows the rules of live subscriptions: `docs/protocol.md`, "Live subscriptions"."""

import json


class Copy:
    """The rows of one live subscription, as its client knows them."""

    def __init__(self, client, request_id, path="", key="id"):
        self.client = client
        self.request_id = request_id
        self.key = key
        self.rows = {}
        self.at = None
        self.whole = []
        self.wholes = []

    def take(self, frame):
        """Takes a frame of the subscription; whether it has ended a whole."""
        assert frame["request_id"] == self.request_id, frame
        assert list(frame)[-1] == "live", frame
        live = frame["live"]
        assert ("more" in live) != ("at" in live), frame
        self.whole.append(frame)
        if "more" in live:
            return False
        for each in self.whole:
            self.apply(each)
        self.at = live["at"]
        self.wholes.append([each["action"] for each in self.whole])
        self.whole = []
        return True

    def apply(self, frame):
        if frame["action"] in ("create", "update"):
            known = frame["data"][self.key] in self.rows
            assert known == (frame["action"] == "update"), (frame, self.rows)
            self.rows[frame["data"][self.key]] = frame["data"]
        elif frame["action"] == "delete":
            assert list(frame["data"]) == ["pk"], frame
            del self.rows[frame["data"]["pk"]]

    def load(self, reply):
        assert reply["errors"] == [], reply
        self.rows = {row[self.key]: row for row in reply["data"]}
        self.at = reply["live"]["at"]

    async def whole_came(self):
        """Takes frames up to the end of a whole, answers the actions in it."""
        while not self.take(await self.client.receive()):
            pass
        return self.wholes[-1]


async def follow(client, action="subscribe_all", load="list", request_id="w", since=None, **arguments):
    """A copy that is up to date: begun anew, or resumed."""
    copy = Copy(client, request_id)
    live = {} if since is None else {"since": since}
    await client.send({"action": action, "request_id": request_id, "live": live, **arguments})
    reply = await client.receive()
    assert reply["response_status"] == 201, reply
    if since is None:
        copy.load(await client.request(load, live={"of": request_id}))
    return copy, reply


def canonical(rows):
    return json.dumps(sorted(rows, key=lambda row: row["id"]))


class ListCopy:
    """A live list, or the number of its rows, as its client knows it."""

    def __init__(self, client, request_id, arguments, reply):
        assert reply["errors"] == [] and reply["response_status"] == 200, reply
        self.client = client
        self.request_id = request_id
        self.arguments = arguments
        self.rows = reply["data"]
        self.at = reply["live"].get("at")
        self.whole = []
        self.wholes = []

    def take(self, frame):
        """Takes a frame of the list; whether it has ended a whole."""
        assert frame["request_id"] == self.request_id, frame
        assert list(frame)[-1] == "live", frame
        live = frame["live"]
        self.whole.append(frame)
        if "more" in live:
            assert "at" not in live, frame
            return False
        for each in self.whole:
            self.apply(each)
        self.at = live.get("at")
        self.wholes.append([each["action"] for each in self.whole])
        self.whole = []
        return True

    def apply(self, frame):
        index = frame["live"].get("index")
        action = frame["action"]
        if action == "delete":
            assert self.rows.pop(index)["id"] == frame["data"]["pk"], frame
        elif action in ("create", "update"):
            others = [row for row in self.rows if row["id"] != frame["data"]["id"]]
            assert (len(others) < len(self.rows)) == (action == "update"), (frame, self.rows)
            assert index <= len(others), frame
            self.rows = others
            self.rows.insert(index, frame["data"])
        elif action != "position":
            self.rows = frame["data"]

    async def whole_came(self):
        while not self.take(await self.client.receive()):
            pass
        return self.wholes[-1]

    @staticmethod
    def give(frame, *copies):
        """Gives a frame to the copy that it is for."""
        next(copy for copy in copies if copy.request_id == frame["request_id"]).take(frame)

    @staticmethod
    async def take_next(client, *copies):
        ListCopy.give(await client.receive(), *copies)


async def watch(client, action="subscribe_list", request_id="t", **arguments):
    """A copy of a list that is watched from now on."""
    await client.send({"action": action, "request_id": request_id, **arguments})
    return ListCopy(client, request_id, arguments, await client.receive())
