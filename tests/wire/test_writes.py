"""Versions, and numbers that the store computes, on the wire; with two connections at once."""

import asyncio
import sys
from pathlib import Path

import pytest
from documents import section, talk
from test_live import LiveServer, open_account

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from postgresql import temporary  # noqa: E402


class OverPostgresql(LiveServer):
    """A server without a feed, which PostgreSQL does not keep."""

    def __init__(self, url):
        super(LiveServer, self).__init__(None, f"--database={url}", "--log-level=critical")


@pytest.fixture(params=["sqlite", "postgresql"])
def server(request, tmp_path):
    if request.param == "sqlite":
        with LiveServer(tmp_path / "writes.db") as running:
            yield running
    else:
        with temporary() as database, OverPostgresql(database.url) as running:
            yield running


def test_the_messages_of_the_document_are_exchanged(tmp_path):
    with LiveServer(tmp_path / "document.db") as server:
        text = section("docs/protocol.md", "Actions on rows")
        assert asyncio.run(talk(text, lambda _: server.accounts())) == 1


def test_two_who_have_read_the_same_row(server):
    async def run():
        async with server.accounts() as one, server.accounts() as two:
            pk = await open_account(one, "ann")
            row = (await two.request("retrieve", pk=pk))["data"]
            assert (await one.request("patch", pk=pk, data={"owner": "eve", "revision": row["revision"]}))[
                "data"
            ]["revision"] == row["revision"] + 1
            late = await two.request("update", pk=pk, data={**row, "balance": 7})
            assert (late["response_status"], late["data"]) == (409, None), late
            assert late["errors"] == ["The row has changed meanwhile."]
            assert (await one.request("retrieve", pk=pk))["data"] == {
                "id": pk, "owner": "eve", "balance": 100, "revision": 1
            }  # fmt: skip

    asyncio.run(run())


def test_patches_of_other_fields_are_not_undone(server):
    """One client pays in while another one renames, as fast as they can."""

    async def run():
        async with server.accounts() as one, server.accounts() as two:
            pk = await open_account(one, "ann", 0)

            async def rename():
                for number in range(150):
                    reply = await one.request("patch", pk=pk, data={"owner": f"n{number}"})
                    assert reply["data"]["owner"] == f"n{number}", reply

            async def pay():
                for number in range(150):
                    reply = await two.request("deposit", pk=pk, amount=2)
                    assert reply["data"]["balance"] == 2 * (number + 1), reply

            await asyncio.gather(rename(), pay())
            row = (await one.request("retrieve", pk=pk))["data"]
            assert row == {"id": pk, "owner": "n149", "balance": 300, "revision": 300}

    asyncio.run(run())


def test_a_transfer_is_done_whole_or_not_at_all(server):
    async def run():
        async with server.accounts() as client:
            ann, bob = await open_account(client, "ann", 10), await open_account(client, "bob", 0)
            refused = await client.request("transfer", **{"from": ann, "to": bob, "amount": 11})
            assert refused["response_status"] == 400
            assert refused["errors"] == [{"balance": ["Ensure this value is greater than or equal to 0."]}]
            missing = await client.request("transfer", **{"from": ann, "to": 99, "amount": 1})
            assert missing["response_status"] == 404
            done = await client.request("transfer", **{"from": ann, "to": bob, "amount": 10})
            assert done["data"] == {"from": 0, "to": 10}
            rows = (await client.request("list"))["data"]
            assert [(row["balance"], row["revision"]) for row in rows] == [(0, 1), (10, 1)]

    asyncio.run(run())
