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
