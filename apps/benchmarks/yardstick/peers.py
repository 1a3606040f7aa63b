"""The servers that are measured: how each is started, and what it is asked."""

import os
import resource
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from . import postgresql as database_server
from . import programs
from .shape import Shape

SERVER_CPU, LOAD_CPU = 0, 1


@dataclass(frozen=True)
class Messages:
    """What the load generator sends: its options for each kind of work, as functions of a shape."""

    extra: tuple[str, ...] = ()
    raw: bool = False  # answers every frame with itself
    socket_io: bool = False

    def echo(self, shape: Shape) -> list[str]:
        if self.socket_io:
            return ["--template", '42{id}["get","echo",1,{}]']
        status = ["--status", "-1"] if self.raw else []
        arguments = f",{shape.echo_arguments}" if shape.echo_arguments else ""
        return ["--template", '{"action":"echo","request_id":{id}' + arguments + "}", *status]

    def retrieve(self, shape: Shape) -> list[str]:
        if self.socket_io:
            template = '42{id}["get","messages",{pk},{}]'
        else:
            template = '{"action":"retrieve","request_id":{id},"pk":{pk}}'
        return ["--template", template, "--pk", f"1-{shape.rows}", "--check-pk", "id"]

    def list_rows(self, shape: Shape) -> list[str]:
        if self.socket_io:
            return ["--template", '42{id}["find","messages",{"$limit":%d}]' % shape.list_limit]
        return ["--template", '{"action":"list","request_id":{id},"limit":%d}' % shape.list_limit]

    def create(self, shape: Shape) -> list[str]:
        data = '{"room_id":2,"user_id":1,"text":"%s{pad}"}' % shape.text
        if self.socket_io:
            template = '42{id}["create","messages",%s,{}]' % data
        else:
            template = '{"action":"create","request_id":{id},"data":%s}' % data
        status = "200" if self.socket_io else "201"
        return ["--template", template, "--status", status, "--pad", str(shape.pad)]

    def patch(self, shape: Shape) -> list[str]:
        data = '{"text":"%s{pad}"}' % shape.text
        if self.socket_io:
            template = '42{id}["patch","messages",{pk},%s,{}]' % data
        else:
            template = '{"action":"patch","request_id":{id},"pk":{pk},"data":%s}' % data
        return ["--template", template, "--pk", "1-1000", "--check-pk", "id",
                "--pad", str(shape.pad)]  # fmt: skip

    def subscribe(self, room: str = "1") -> list[str]:
        if self.socket_io:
            return ["--sub-template", '42{id}["create","subscribe",{"room":%s},{}]' % room]
        template = '{"action":"subscribe","request_id":{id},"room":%s}' % room
        checks = [] if self.raw else ["--sub-status", "201", "--check-event-id"]
        return ["--sub-template", template, *checks]

    def publish(self, shape: Shape, room: str = "1") -> list[str]:
        data = '{"room_id":%s,"user_id":1,"text":"{mark}%s{pad}"}' % (room, shape.text)
        if self.socket_io:
            template = '42{id}["create","messages",%s,{}]' % data
        else:
            template = '{"action":"create","request_id":{id},"data":%s}' % data
        status = "200" if self.socket_io else "-1" if self.raw else "201"
        return ["--pub-template", template, "--pub-status", status, "--pad", str(shape.pad)]

    def one_request(self, shape: Shape) -> list[str]:
        """A cheap request, to see that a connection works."""
        return self.echo(shape) if self.raw else self.retrieve(shape)


@dataclass(frozen=True)
class Peer:
    name: str
    what: str
    command: tuple[str, ...]  # {port} and {database} are filled in
    path: str = "/"
    messages: Messages = field(default_factory=Messages)
    folder: Path | None = None
    postgresql: str | None = None  # the URL of the database that it uses, emptied before each run
    warm_up: float = 0  # seconds of the same work before it is measured, for compilers at run time


def all_peers(
    server: Path | None = None, options: tuple[str, ...] = (), postgresql: str | None = None
) -> dict[str, Peer]:
    """By name.

    server: a dcrf-bench to measure instead of the one just built
    options: more options for it
    postgresql: the URL of the database that it uses instead of a file
    """
    beast = str(programs.BEAST)
    database = postgresql or "sqlite://{database}"
    where = "PostgreSQL, fsync=on" if postgresql else "SQLite on disk, synchronous=FULL"
    raw = Messages(raw=True)
    peers = [
        Peer(
            "dcrf",
            f"dcrf-bench, {where}",
            (str(server or programs.BIN / "dcrf-bench"), "--port={port}",
             f"--database={database}", "--io-threads=1", "--log-level=warning",
             "--max-connections=1000000", *options),
            path="/ws/messages/",
            postgresql=postgresql,
        ),
        Peer("beast", "plain Boost.Beast: sends each frame back", (beast, "{port}"), messages=raw),
        Peer(
            "beast-coalesce",
            "the same with one write per connection and loop turn",
            (beast, "{port}", "--coalesce"),
            messages=raw,
        ),
        Peer(
            "beast-json-coal",
            "the same with nlohmann JSON and rows in memory; no actor, no database",
            (beast, "{port}", "--json", "--coalesce"),
        ),
        Peer(
            "feathers",
            "FeathersJS, socket.io transport, better-sqlite3 on disk, synchronous=NORMAL",
            ("node", "server.js", "{port}", "{database}"),
            path="/socket.io/?EIO=4&transport=websocket",
            messages=Messages(extra=("--proto", "sio", "--unordered"), socket_io=True),
            folder=programs.FEATHERS,
            warm_up=2,
        ),
    ]  # fmt: skip
    if postgresql:
        peers.append(
            Peer(
                "node-pg",
                "plain Node.js with ws and pg, a pool of 10 connections; no validation, no events",
                ("node", "server.js", "{port}", postgresql),
                folder=programs.NODE_PG,
                warm_up=2,
                postgresql=postgresql,
            )
        )
    return {peer.name: peer for peer in peers}


def raise_descriptor_limit(wanted: int) -> None:
    """For this process and those that it starts; beyond the hard limit it takes a capability."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= wanted:
        return
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, max(hard, wanted)))
    except (ValueError, PermissionError):
        raise SystemExit(
            f"{wanted} open files are needed and {hard} allowed: raise the hard limit of this "
            "shell (ulimit -Hn), which takes CAP_SYS_RESOURCE"
        ) from None


@dataclass
class Running:
    """A server that has been started."""

    peer: Peer
    process: subprocess.Popen
    port: int

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}{self.peer.path}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.3)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def fresh_database(name: str) -> Path:
    """The path of a database that does not exist."""
    programs.WORK.mkdir(parents=True, exist_ok=True)
    path = programs.WORK / f"{name}.sqlite3"
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    return path


@contextmanager
def started(
    peer: Peer,
    database: Path | None = None,
    cpu: int | None = SERVER_CPU,
    wrapper: tuple[str, ...] = (),
    patience: float = 20,
) -> Iterator[Running]:
    """Runs a server on a fresh database or a given one; ends it with the block.

    wrapper: a command that runs the server's, such as valgrind
    patience: seconds that it may take to accept connections
    """
    port = free_port()
    path = database or fresh_database(peer.name)
    if peer.postgresql:
        database_server.empty(peer.postgresql)
    command = [part.format(port=port, database=path) for part in peer.command]
    pin = ["taskset", "-c", str(cpu)] if cpu is not None and (os.cpu_count() or 1) > 1 else []
    log_path = programs.WORK / f"{peer.name}.log"
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            [*pin, *wrapper, *command], cwd=peer.folder or programs.WORK, stdout=log, stderr=log
        )
        try:
            deadline = time.monotonic() + patience
            while not is_open(port):
                if process.poll() is not None or time.monotonic() > deadline:
                    said = log_path.read_text(errors="replace")[-1000:]
                    raise SystemExit(f"{peer.name} does not run: {said}")
                time.sleep(0.05)
            yield Running(peer, process, port)
        finally:
            stop(process)


def stop(process: subprocess.Popen) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
