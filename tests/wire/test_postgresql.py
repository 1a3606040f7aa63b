"""The chat on PostgreSQL, whose server is stopped and started again under it."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from chat import BIN_DIR, PATIENCE, ChatServer  # noqa: E402
from postgresql import temporary  # noqa: E402
from test_chat import create_room  # noqa: E402


@pytest.fixture
def postgresql():
    with temporary() as running:
        yield running


@pytest.fixture(params=[1, 8], ids=["one connection", "eight connections"])
def server(postgresql, request):
    options = [f"--database={postgresql.url}", f"--database-connections={request.param}"]
    with ChatServer(None, *options, "--log-level=critical") as running:
        yield running


class MessageServer(ChatServer):
    """A program that has messages without users: reads and writes of one statement."""

    program = "dcrf-bench"

    def __init__(self, postgresql, *options):
        super().__init__(None, f"--database={postgresql.url}", "--log-level=critical", *options)

    def connect(self):
        return super().connect(None, "/ws/messages/")


UNAVAILABLE = ["Service temporarily unavailable, try again later."]


async def until_written(client, text):
    """Sends a message until it is written; answers what else was answered before."""
    refused = []
    for _ in range(PATIENCE * 10):
        reply = await client.request("create_message", message=text)
        if reply["response_status"] == 201:
            return refused
        refused.append(reply)
        await asyncio.sleep(0.1)
    raise AssertionError(f"only refused: {refused[-1]}")


def test_a_restart_of_the_database_is_survived(postgresql, server):
    async def scenario():
        ann, bob = server.sign_up("ann"), server.sign_up("bob")
        async with server.connect(ann) as a, server.connect(bob) as b:
            pk = await create_room(a)
            await a.join(pk)
            await b.request("subscribe_to_messages_in_room", pk=pk)

            postgresql.stop()
            lost = await a.request("create_message", message="lost")
            assert lost["response_status"] == 503
            assert lost["errors"] == ["Service temporarily unavailable, try again later."]
            assert lost["data"] is None

            postgresql.restart()
            for reply in await until_written(a, "found"):
                assert reply["response_status"] == 503
            event = await b.until(lambda frame: frame.get("action") == "create")
            assert event["data"]["text"] == "found"

            # An idle connection that has ended is not noticed by anyone.
            postgresql.stop("immediate")
            postgresql.restart()
            again = await a.request("create_message", message="again")
            assert again["response_status"] == 201, again

    asyncio.run(scenario())
    assert postgresql.execute("SELECT string_agg(text, ',' ORDER BY id) FROM chat_message") == (
        "found,again"
    )


def test_what_was_acknowledged_survives_a_crash_of_the_database(postgresql, server):
    acknowledged, refused = [], []

    async def write(client, name, stopped):
        number = 0
        while not stopped.is_set() or not refused:
            text = f"{name} {number}"
            reply = await client.request("create_message", message=text)
            assert reply["response_status"] in (201, 503), reply
            (acknowledged if reply["response_status"] == 201 else refused).append(text)
            number += 1

    async def scenario():
        ann = server.sign_up("ann")
        async with server.connect(ann) as a, server.connect(ann) as b:
            pk = await create_room(a)
            await a.join(pk)
            await b.join(pk)
            stopped = asyncio.Event()
            writers = [asyncio.create_task(write(*x, stopped)) for x in ((a, "a"), (b, "b"))]
            while len(acknowledged) < 50:
                await asyncio.sleep(0)
            await asyncio.to_thread(postgresql.stop, "immediate")
            stopped.set()
            await asyncio.gather(*writers)
            postgresql.restart()
            await until_written(a, "last")

    asyncio.run(scenario())
    stored = set(postgresql.execute("SELECT text FROM chat_message").splitlines())
    assert refused
    assert set(acknowledged) <= stored


def test_two_nodes_share_a_database(postgresql, server):
    async def scenario(other):
        ann = server.sign_up("ann")
        async with server.connect(ann) as a:
            pk = await create_room(a)
            await a.join(pk)
            assert (await a.request("create_message", message="x"))["response_status"] == 201
            async with other.connect(ann) as b:
                assert [user["username"] for user in await b.join(pk)] == ["ann"]
                assert (await b.request("create_message", message="y"))["response_status"] == 201

    with ChatServer(None, f"--database={postgresql.url}", "--log-level=critical") as other:
        asyncio.run(scenario(other))
    assert postgresql.execute("SELECT count(*) FROM chat_message") == "2"


@pytest.mark.parametrize("whose", ["programs", "all"])
def test_changes_of_others_reach_subscribers_once(postgresql, whose):
    """Rows that psql writes, a burst of 10,000 while nobody listens, and those of another node."""
    options = [f"--database={postgresql.url}", "--log-level=critical", f"--outside-changes={whose}"]

    async def scenario(server, other):
        ann = server.sign_up("ann")
        async with server.connect(ann) as a, other.connect(ann) as b:
            pk = await create_room(a)
            await a.join(pk)
            await b.join(pk)
            await a.request("subscribe_to_messages_in_room", pk=pk)

            async def created(count):
                frames = [await a.until(lambda x: x.get("action") == "create") for _ in range(count)]
                return [frame["data"]["text"] for frame in frames]

            def insert(select):
                columns = "room, \"user\", text, created_at"
                postgresql.execute(f"INSERT INTO chat_message ({columns}) {select}")

            insert(f"VALUES ({pk}, 1, 'psql', now())")
            assert await created(1) == ["psql"]

            await a.send({"action": "create_message", "message": "own", "request_id": 0})
            insert(f"VALUES ({pk}, 1, 'after own', now())")
            # Each once: what came twice would be among the next ones.
            assert sorted(await created(2)) == ["after own", "own"]

            if whose == "all":
                await b.request("create_message", message="other node")
                assert await created(1) == ["other node"]

            postgresql.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE application_name = 'dcrf' AND query LIKE 'LISTEN%'"
            )
            burst = f"SELECT {pk}, 1, 'x' || n, now() FROM generate_series(1, 10000) AS n"
            await asyncio.to_thread(insert, burst)
            assert await created(10000) == [f"x{n}" for n in range(1, 10001)]

    # What a client that reads slowly may leave is more than a burst.
    options.append("--outbox-size=100000000")
    with ChatServer(None, *options) as server, ChatServer(None, *options) as other:
        asyncio.run(scenario(server, other))


def refusal(url):
    """What the chat says that does not start with this database."""
    done = subprocess.run(
        [BIN_DIR / "dcrf-chat", "--port=0", "--log-level=off", f"--database={url}"],
        capture_output=True, text=True, timeout=60)  # fmt: skip
    assert done.returncode == 1 and done.stdout == ""
    (line,) = done.stderr.strip().splitlines()
    return line


def test_a_pooler_in_transaction_mode_is_refused(postgresql):
    with postgresql.pooler("transaction") as url:
        for _ in range(2):
            assert "there is a pooler in transaction mode in between" in refusal(url)


def test_a_pooler_in_session_mode_will_do(postgresql):
    with postgresql.pooler("session") as url:
        options = [f"--database={url}", "--log-level=critical"]
        with ChatServer(None, *options) as server:
            assert server.sign_up("ann")
    assert postgresql.execute("SELECT count(*) FROM chat_user") == "1"


@pytest.mark.parametrize("mode", ["require", "verify-full"])
def test_all_connections_are_encrypted_if_wanted(postgresql, mode):
    ca = postgresql.speak_tls()
    url = f"{postgresql.url}?sslmode={mode}&sslrootcert={ca}"
    options = [f"--database={url}", "--outside-changes=programs", "--log-level=critical"]
    with ChatServer(None, *options) as server:
        assert server.request("GET", "/login")[0] == 200
        assert postgresql.execute(
            "SELECT count(*) > 1 AND bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) "
            "WHERE application_name = 'dcrf'"
        ) == "t"


def test_a_server_without_tls_is_refused_if_it_is_wanted(postgresql):
    assert "server does not support SSL" in refusal(f"{postgresql.url}?sslmode=require")


def test_a_server_that_is_another_one_is_refused(postgresql, tmp_path):
    ca = postgresql.speak_tls()
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-batch", "-subj", "/CN=other", "-keyout", tmp_path / "other.key",
         "-out", tmp_path / "other.crt"],
        check=True, stderr=subprocess.DEVNULL)  # fmt: skip
    wrong = refusal(f"{postgresql.url}?sslmode=verify-full&sslrootcert={tmp_path}/other.crt")
    assert "certificate verify failed" in wrong
    elsewhere = postgresql.url.replace("127.0.0.1", "localhost")
    wrong = refusal(f"{elsewhere}?sslmode=verify-full&sslrootcert={ca}")
    assert "does not match host name \"localhost\"" in wrong
    wrong = refusal(f"{postgresql.url}?sslmode=verify-full&sslrootcert={tmp_path}/none.crt")
    assert f"{tmp_path}/none.crt" in wrong


async def create_messages(client, *texts):
    """Answers the keys."""
    keys = []
    for text in texts:
        reply = await client.request("create", data={"room_id": 1, "user_id": 1, "text": text})
        assert reply["response_status"] == 201, reply
        keys.append(reply["data"]["id"])
    return keys


def slow_down(postgresql, seconds):
    """Whoever reads the message `slow` waits."""
    postgresql.execute(
        "ALTER TABLE message RENAME TO real_message; CREATE VIEW message AS SELECT * FROM "
        f"real_message WHERE text <> 'slow' OR pg_sleep({seconds}) IS NOT NULL"
    )


@pytest.mark.parametrize("slow_one", ["retrieve", "list"])
def test_a_slow_read_holds_up_nobody_else(postgresql, slow_one):
    async def scenario(server):
        async with server.connect() as a, server.connect() as b:
            slow, quick = await create_messages(a, "slow", "quick")
            slow_down(postgresql, 3)
            arguments = {"pk": slow} if slow_one == "retrieve" else {}
            waiting = asyncio.create_task(a.request(slow_one, **arguments))
            answered = 0
            while not waiting.done():
                reply = await b.request("retrieve", pk=quick)
                assert reply["data"]["text"] == "quick"
                answered += not waiting.done()
            assert (await waiting)["response_status"] == 200
            # One that waits for the other gets one answer, or two.
            assert answered > 10

    with MessageServer(postgresql) as server:
        asyncio.run(scenario(server))


def test_what_takes_too_long_or_waits_for_too_long_is_refused(postgresql):
    """More slow reads than connections: each is answered, with a reason in the log."""

    async def scenario(server):
        async with contextlib.AsyncExitStack() as stack:
            clients = [await stack.enter_async_context(server.connect()) for _ in range(12)]
            (slow,) = await create_messages(clients[0], "slow")
            slow_down(postgresql, 30)
            replies = await asyncio.gather(*(x.request("retrieve", pk=slow) for x in clients))
            for reply in replies:
                assert (reply["response_status"], reply["errors"]) == (503, UNAVAILABLE)

    with MessageServer(postgresql, "--database-timeout=500ms") as server:
        asyncio.run(scenario(server))


@contextlib.contextmanager
def frozen(postgresql):
    """A database that keeps its connections, takes new ones, and says nothing."""
    main = int((Path(postgresql.folder) / "data/postmaster.pid").read_text().splitlines()[0])
    children = Path(f"/proc/{main}/task/{main}/children").read_text().split()
    processes = [main, *map(int, children)]
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            os.kill(process, signal.SIGCONT)


@pytest.mark.parametrize("connections", [1, 8])
def test_a_database_that_hangs_is_given_up_in_time(postgresql, connections):
    """Answers come a second after the bound; connecting has a bound of its own."""

    async def scenario(server):
        async with server.connect() as a, server.connect() as b:
            (key,) = await create_messages(a, "x")
            assert (await b.request("retrieve", pk=key))["response_status"] == 200
            with frozen(postgresql):
                message = {"room_id": 1, "user_id": 1, "text": "y"}
                replies = await asyncio.gather(
                    a.request("create", data=message), b.request("retrieve", pk=key)
                )
                for reply in replies:
                    assert (reply["response_status"], reply["errors"]) == (503, UNAVAILABLE)
                assert (await a.request("echo"))["response_status"] == 200
                began = time.monotonic()
                answer = await asyncio.to_thread(server.request, "GET", "/readyz")
                assert (answer[0], answer[2]) == (503, b"the database does not answer\n")
                # A second is waited for it; some for a busy machine.
                assert time.monotonic() - began < 5
            for _ in range(PATIENCE * 10):
                if (await asyncio.to_thread(server.request, "GET", "/readyz"))[0] == 200:
                    break
                await asyncio.sleep(0.1)
            else:
                raise AssertionError("it is not ready")
            for _ in range(PATIENCE * 10):
                reply = await b.request("retrieve", pk=key)
                if reply["response_status"] == 200:
                    break
                await asyncio.sleep(0.1)
            assert reply["response_status"] == 200

    options = [f"--database-connections={connections}", "--database-timeout=1s"]
    with MessageServer(postgresql, *options) as server:
        asyncio.run(scenario(server))


def test_a_database_that_hangs_does_not_keep_the_server_from_stopping(postgresql):
    async def scenario(server):
        async with server.connect() as a, server.connect() as b:
            (key,) = await create_messages(a, "x")
            with frozen(postgresql):
                await a.send({"action": "create", "data": {"room_id": 1, "user_id": 1, "text": "y"},
                              "request_id": "y"})  # fmt: skip
                await b.send({"action": "retrieve", "pk": key, "request_id": "x"})
                await b.request("echo")
                began = time.monotonic()
                assert await asyncio.to_thread(server.stop) == 0
                # What docs/operations.md says, and some for a busy machine.
                assert time.monotonic() - began < 20

    with MessageServer(postgresql) as server:
        asyncio.run(scenario(server))


def test_a_server_may_start_before_its_database(postgresql):
    postgresql.stop()
    later = threading.Timer(2, postgresql.restart)
    later.start()
    with MessageServer(postgresql, f"--database-wait={PATIENCE}s") as server:

        async def scenario():
            async with server.connect() as client:
                await create_messages(client, "x")

        asyncio.run(scenario())
    later.join()


def test_a_server_that_waits_for_its_database_can_be_stopped(postgresql):
    postgresql.stop()
    waiting = subprocess.Popen(
        [BIN_DIR / "dcrf-bench", "--port=0", f"--database={postgresql.url}",
         "--database-wait=1h", "--log-level=warning"],
        stderr=subprocess.PIPE, text=True)  # fmt: skip
    assert "waiting for the database" in waiting.stderr.readline()
    waiting.send_signal(signal.SIGTERM)
    assert waiting.wait(timeout=PATIENCE) == 0
