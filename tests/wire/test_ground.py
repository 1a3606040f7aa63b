"""What the server stands on: its database, descriptors, its port, and how it starts and ends."""

import asyncio
import json
import resource
import shutil
import signal
import sqlite3
import subprocess
import time

import pytest

from chat import BIN_DIR, PATIENCE, ChatServer


def start(*options, preexec=None, **more):
    """The program, which is expected to end by itself."""
    return subprocess.run(
        [BIN_DIR / "dcrf-chat", "--log-level=off", *options],
        capture_output=True,
        text=True,
        timeout=PATIENCE * 2,
        preexec_fn=preexec,
        **more,
    )


def limit_descriptors(soft, hard):
    return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def only_line(result):
    """What was said of a start that failed."""
    assert result.returncode == 1, result
    assert result.stdout == ""
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, lines
    return lines[0]


def wait_for(what):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if what():
            return
        time.sleep(0.05)
    raise AssertionError("it did not come")


def ready(server):
    return server.request("GET", "/readyz")[0] == 200


def is_refused(server):
    try:
        server.request("GET", "/healthz")
    except OSError:
        return True
    return False


# -- the database file ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["chat.db", "chat.db-wal"])
def test_a_file_that_is_gone_is_noticed(server, tmp_path, name):
    cookie = server.sign_up("ann")

    async def talk():
        async with server.connect(cookie) as ann:
            assert (await ann.request("create", data={"name": "lobby"}))["response_status"] == 201
            (tmp_path / name).rename(tmp_path / "away")
            lost = await ann.request("create", data={"name": "lost"})
            assert lost["response_status"] == 503
            assert server.request("GET", "/readyz")[0] == 503
            assert server.request("GET", "/healthz")[0] == 200
            (tmp_path / "away").rename(tmp_path / name)
            assert (await ann.request("create", data={"name": "back"}))["response_status"] == 201
            wait_for(lambda: ready(server))

    asyncio.run(talk())


def test_a_log_that_was_removed_is_written_back(tmp_path):
    with ChatServer(tmp_path / "chat.db") as server:
        server.sign_up("ann")
        (tmp_path / "chat.db-wal").unlink()
    rows = sqlite3.connect(tmp_path / "chat.db").execute("SELECT username FROM chat_user")
    assert rows.fetchall() == [("ann",)]


def test_after_a_clean_stop_the_file_alone_has_everything(tmp_path):
    with ChatServer(tmp_path / "chat.db", "--io-threads=3") as server:
        server.sign_up("ann")
        for _ in range(6):
            assert ready(server)
    assert [x.name for x in tmp_path.iterdir()] == ["chat.db"]
    shutil.copy(tmp_path / "chat.db", tmp_path / "copy.db")
    rows = sqlite3.connect(tmp_path / "copy.db").execute("SELECT username FROM chat_user")
    assert rows.fetchall() == [("ann",)]


def test_a_second_process_is_refused(server, tmp_path):
    database = f"--database=sqlite://{tmp_path}/chat.db"
    line = only_line(start("--port=0", database))
    assert f"in use by the process {server.process.pid}" in line
    with ChatServer(tmp_path / "chat.db", "--share-database") as second:
        assert ready(second)
    server.kill()
    with ChatServer(tmp_path / "chat.db") as third:
        assert ready(third)


def damage(file, table):
    """Overwrites the first page of a table; the schema stays as it is."""
    database = sqlite3.connect(file)
    page_size = database.execute("PRAGMA page_size").fetchone()[0]
    page = database.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)).fetchone()[0]
    database.close()
    with open(file, "r+b") as bytes_:
        bytes_.seek((page - 1) * page_size)
        bytes_.write(b"\xff" * page_size)


def test_a_damaged_page_fails_who_needs_it_and_nobody_else(tmp_path):
    file = tmp_path / "chat.db"

    async def write(server):
        async with server.connect(cookie) as ann:
            assert (await ann.request("create", data={"name": "lobby"}))["response_status"] == 201
            await ann.join(1)
            assert (await ann.request("create_message", message="hello"))["response_status"] == 201

    async def talk(server):
        async with server.connect(cookie) as ann:
            assert (await ann.request("list"))["response_status"] == 200
            refused = await ann.request("list_messages", room=1)
            assert refused["response_status"] == 503
            assert refused["errors"] == ["Service temporarily unavailable, try again later."]
            assert (await ann.request("create", data={"name": "hall"}))["response_status"] == 201

    with ChatServer(file) as server:
        cookie = server.sign_up("ann")
        asyncio.run(write(server))
    damage(file, "chat_message")
    with ChatServer(file) as server:
        asyncio.run(talk(server))
        assert server.sign_up("bob")


def test_a_damaged_page_that_the_start_needs_is_one_line(tmp_path):
    with ChatServer(tmp_path / "chat.db") as server:
        server.sign_up("ann")
    damage(tmp_path / "chat.db", "chat_room")
    line = only_line(start("--port=0", f"--database=sqlite://{tmp_path}/chat.db"))
    assert line == "error: starting: database disk image is malformed"


def test_a_database_that_is_locked_is_not_ready(server, tmp_path):
    cookie = server.sign_up("ann")
    other = sqlite3.connect(tmp_path / "chat.db", isolation_level=None)

    async def talk():
        async with server.connect(cookie) as ann:
            assert ready(server)
            other.execute("BEGIN EXCLUSIVE")
            refused = await ann.request("create", data={"name": "lobby"})
            assert refused["response_status"] == 503
            assert server.request("GET", "/readyz")[0] == 503
            other.execute("ROLLBACK")
            wait_for(lambda: ready(server))

    asyncio.run(talk())


def test_a_full_disk_is_not_ready_and_recovers(tmp_path):
    image, mounted = tmp_path / "image", tmp_path / "disk"
    mounted.mkdir()
    with image.open("wb") as file:
        file.truncate(16 * 1024 * 1024)
    subprocess.run(["mkfs.ext4", "-q", "-m", "0", image], check=True, capture_output=True)
    subprocess.run(["mount", "-o", "loop", image, mounted], check=True)
    try:
        with ChatServer(mounted / "chat.db", "--log-level=off") as server:
            cookie = server.sign_up("ann")
            asyncio.run(fill_and_empty(server, cookie, mounted / "ballast"))
        rows = sqlite3.connect(mounted / "chat.db")
        assert rows.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        rows.close()
    finally:
        subprocess.run(["umount", mounted], check=True)


async def fill_and_empty(server, cookie, ballast):
    async with server.connect(cookie) as ann:
        assert (await ann.request("create", data={"name": "lobby"}))["response_status"] == 201
        await ann.join(1)
        with ballast.open("wb") as file:
            try:
                while True:
                    file.write(b"x" * 65536)
                    file.flush()
            except OSError:
                pass
        status = 201
        while status == 201:
            reply = await ann.request("create_message", message="x" * 200)
            status = reply["response_status"]
        assert status == 503
        assert (await ann.request("list"))["response_status"] == 200
        assert server.request("GET", "/readyz")[0] == 503
        ballast.unlink()
        wait_for(lambda: ready(server))
        reply = await ann.request("create_message", message="again")
        assert reply["response_status"] == 201


# -- the start ------------------------------------------------------------------------------------


def test_the_port_is_tried_before_the_database(server, tmp_path):
    line = only_line(start(f"--port={server.port}", f"--database=sqlite://{tmp_path}/other.db"))
    assert f"can't listen on http://127.0.0.1:{server.port}" in line
    assert not (tmp_path / "other.db").exists()


@pytest.mark.parametrize(
    "url, shown",
    [
        ("sqlite:///no/such/folder/chat.db", "/no/such/folder/chat.db"),
        ("postgresql://ann:secret@127.0.0.1:1/chat", "postgresql://ann@127.0.0.1:1/chat"),
        ("mysql://ann:secret@127.0.0.1/chat", "mysql://ann@127.0.0.1/chat"),
    ],
)
@pytest.mark.parametrize("how", ["--port=0", "--dump=-", "--load=/dev/null"])
def test_a_database_is_named_once_and_without_its_password(url, shown, how, tmp_path):
    line = only_line(start(how, f"--database={url}", cwd=tmp_path))
    assert line.count(shown) == 1
    assert "secret" not in line


def test_too_few_descriptors_are_one_line(tmp_path):
    options = ["--port=0", f"--database=sqlite://{tmp_path}/chat.db", "--io-threads=16"]
    line = only_line(start(*options, preexec=limit_descriptors(40, 40)))
    assert "ulimit -n" in line or "Too many open files" in line


def test_the_limit_of_descriptors_is_raised(tmp_path):
    server = ChatServer(tmp_path / "chat.db", "--max-connections=300")
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, before[1]))
    try:
        server.start()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    limits = open(f"/proc/{server.process.pid}/limits").read()
    soft = next(x for x in limits.splitlines() if x.startswith("Max open files")).split()[3]
    assert int(soft) >= 300
    assert server.stop() == 0


@pytest.mark.parametrize(
    "options",
    [["--port", "0"], ["--port= 0 "], ["--port", " 0"], ["--address=localhost"], ["--address", "::1"]],
)
def test_forms_of_options(options, tmp_path):
    process = subprocess.Popen(
        [BIN_DIR / "dcrf-chat", "--port=0", f"--database=sqlite://{tmp_path}/chat.db", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline().startswith("listening on http://")
    process.terminate()
    assert process.wait(PATIENCE) == 0


def test_options_that_mean_nothing(tmp_path):
    assert "--port: a value is missing" in only_line(start("--port", cwd=tmp_path))
    assert "a number from 0 to 65535" in only_line(start("--port=80 80", cwd=tmp_path))
    assert "no such host" in only_line(start("--address=no such host", cwd=tmp_path))


def test_a_plan_changes_nothing(tmp_path):
    database = f"--database=sqlite://{tmp_path}/chat.db"
    plan = start(database, "--migrate=plan")
    assert plan.returncode == 0
    assert "Created the table chat_user." in plan.stdout.splitlines()
    assert not (tmp_path / "chat.db").exists()
    assert "has to be migrated first" in only_line(start("--port=0", database, "--migrate=off"))
    with ChatServer(tmp_path / "chat.db"):
        pass
    assert start(database, "--migrate=plan").stdout == "Nothing has to be done.\n"
    with ChatServer(tmp_path / "chat.db", "--migrate=off"):
        pass
    assert "migrate: must be one of" in only_line(start(database, "--migrate=maybe"))


# -- rows in files --------------------------------------------------------------------------------


def test_rows_are_written_and_read(server, tmp_path):
    server.sign_up("ann")
    file = tmp_path / "rows.json"
    written = start(f"--database=sqlite://{tmp_path}/chat.db", f"--dump={file}")
    assert written.returncode == 0, written
    assert written.stdout.startswith("Wrote ")
    rows = json.loads(file.read_text())
    assert [x["fields"]["username"] for x in rows if x["model"] == "user"] == ["ann"]
    copy = f"--database=sqlite://{tmp_path}/copy.db"
    assert start(copy, f"--load={file}").stdout == f"Read {len(rows)} rows.\n"
    assert json.loads(start(copy, "--dump=-").stdout) == rows
    with ChatServer(tmp_path / "copy.db") as second:
        assert second.log_in("ann")
        line = only_line(start(copy, f"--load={file}"))
        assert f"in use by the process {second.process.pid}" in line


def test_mistakes_with_files_of_rows(tmp_path):
    database = f"--database=sqlite://{tmp_path}/chat.db"
    assert "there is no file" in only_line(start(database, "--dump=-"))
    assert not (tmp_path / "chat.db").exists()
    assert "can't be read" in only_line(start(database, f"--load={tmp_path}/none"))
    assert "one at a time" in only_line(start(database, "--load=a", "--dump=b"))
    bad = tmp_path / "bad.json"
    bad.write_text('[{"model": "user", "pk": 1, "fields": {"name": 1}}]')
    assert "line 1: user has no field" in only_line(start(database, f"--load={bad}"))


# -- the end --------------------------------------------------------------------------------------


def test_a_second_signal_ends_at_once(server):
    cookie = server.sign_up("ann")

    async def talk():
        async with server.connect(cookie) as ann:
            # It does not answer the close, so the stop waits for it.
            ann.socket.transport.pause_reading()
            server.process.send_signal(signal.SIGTERM)
            wait_for(lambda: is_refused(server))
            server.process.send_signal(signal.SIGTERM)
            assert server.process.wait(PATIENCE) == -signal.SIGTERM
            ann.socket.transport.abort()

    asyncio.run(talk())


def test_a_server_that_drains_serves_until_nobody_is_there(tmp_path):
    with ChatServer(tmp_path / "chat.db", "--drain=1h") as server:
        cookie = server.sign_up("ann")

        async def talk():
            async with server.connect(cookie) as ann:
                server.process.send_signal(signal.SIGTERM)
                wait_for(lambda: not ready(server))
                assert server.request("GET", "/healthz")[0] == 200
                assert (await ann.request("list"))["response_status"] == 200
                async with server.connect(cookie) as late:
                    assert (await late.request("list"))["response_status"] == 200

        asyncio.run(talk())
        assert server.process.wait(PATIENCE) == 0


def test_who_does_not_leave_is_closed_after_the_drain(tmp_path):
    with ChatServer(tmp_path / "chat.db", "--drain=300ms") as server:
        cookie = server.sign_up("ann")

        async def talk():
            async with server.connect(cookie) as ann:
                server.process.send_signal(signal.SIGTERM)
                await ann.socket.wait_closed()
                assert ann.socket.close_code == 1012

        asyncio.run(talk())
        assert server.process.wait(PATIENCE) == 0


def test_many_clients_are_told_when_to_come_back(tmp_path):
    clients = 400
    with ChatServer(tmp_path / "chat.db", "--drain=0s") as server:
        cookie = server.sign_up("ann")

        async def talk():
            opened = [await server.connect(cookie).__aenter__() for _ in range(clients)]
            began = time.monotonic()
            server.process.send_signal(signal.SIGTERM)
            ends = await asyncio.gather(*(end_of(x.socket, began) for x in opened))
            assert {code for code, _, _ in ends} == {1012}
            times = sorted(time for _, _, time in ends)
            # 2,500 a second.
            assert times[-1] - times[0] > 0.1
            moments = [float(reason.removeprefix("retry after ")[:-2]) for _, reason, _ in ends]
            # 200 a second.
            assert 0 <= min(moments) and 1 < max(moments) <= 2
            assert len(set(moments)) > 10

        asyncio.run(talk())
        assert server.process.wait(PATIENCE) == 0


async def end_of(socket, began):
    await socket.wait_closed()
    return socket.close_code, socket.close_reason, time.monotonic() - began


def test_sessions_that_have_expired_are_deleted(server, tmp_path):
    server.sign_up("ann")
    rows = sqlite3.connect(tmp_path / "chat.db", timeout=PATIENCE)
    rows.execute("UPDATE chat_login SET expires_at = 1")
    rows.commit()
    server.sign_up("bob")
    assert rows.execute("SELECT count(*) FROM chat_login").fetchone() == (1,)
