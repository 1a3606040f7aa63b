"""What the log says of requests."""

import asyncio
import json
import re
import signal
import subprocess
import urllib.error
import urllib.request

from chat import BIN_DIR, PATIENCE
from client import Terminal


async def create(url):
    async with Terminal(url) as client:
        await client.send(json.dumps({"action": "create", "request_id": 5, "data": {"text": "my secret"}}))
        frames = [await client.receive(), await client.receive()]
        assert 201 in [x.get("response_status") for x in frames]


def test_each_request_leaves_a_line_without_what_was_sent(tmp_path):
    log = tmp_path / "log"
    with log.open("w") as stderr:
        process = subprocess.Popen(
            [
                BIN_DIR / "dcrf-actors",
                "--port=0",
                f"--database=sqlite://{tmp_path}/notes.db",
                "--log-requests",
            ],
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )
        port = re.search(r":(\d+)$", process.stdout.readline())[1]
        asyncio.run(create(f"ws://127.0.0.1:{port}/ws/notes/?token=hush"))
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/nowhere?token=hush")
        except urllib.error.HTTPError as answer:
            assert answer.code == 404
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    text = log.read_text()
    assert re.search(
        r'connection=\d+ user=null consumer=note_consumer action="create" request=5 status=201 ms=[\d.]+\n',
        text,
    )
    assert re.search(r'http: client=127\.0\.0\.1 method=GET path="/nowhere" status=404 ms=[\d.]+\n', text)
    assert "secret" not in text and "hush" not in text
