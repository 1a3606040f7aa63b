"""The chat on a node whose database is another node's."""

import sys

from nodes import ROOT, wait_until

sys.path.insert(0, str(ROOT / "tests/wire"))
from chat import ChatServer  # noqa: E402


class Chat(ChatServer):
    """The clients of a chat that runs as a node."""

    def __init__(self, node):
        self.port = node.port


def test_pages_are_answered_while_the_database_is_away(cluster, tmp_path):
    chat = {"program": "dcrf-chat"}
    a = cluster.start("a", database=f"sqlite://{tmp_path}/chat.db", **chat)
    b = cluster.start("b", join=[a], repositories=a, **chat)
    wait_until(lambda: b.sees(a="linked"), "they are linked")
    front = Chat(b)
    cookie = front.sign_up("ann")
    paths = ["/", "/login", "/signup", "/rooms/1/", "/static/room.js", "/api/node"]
    before = [front.request("GET", path, Cookie=cookie) for path in paths]
    a.kill()
    wait_until(lambda: b.sees(a="lost") or not b.sees(a="linked"), "the database is away")
    for path, (status, _, body) in zip(paths, before):
        assert status == 200
        now = front.request("GET", path, Cookie=cookie)
        assert (now[0], now[2]) == (200, body), path
    assert front.request("GET", "/nowhere", Cookie=cookie)[0] == 404
    assert front.request("GET", "/api/session", Cookie=cookie)[0] == 503
