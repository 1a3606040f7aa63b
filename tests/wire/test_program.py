"""The program itself: its command line, its configuration and its database."""

import signal
import subprocess

import pytest

from chat import BIN_DIR, ChatServer
from documents import ROOT


def run(*options, cwd=None):
    return subprocess.run(
        [BIN_DIR / "dcrf-chat", *options], capture_output=True, text=True, timeout=60, cwd=cwd
    )


def test_help_lists_the_options():
    result = run("--help")
    assert result.returncode == 0
    for option in ["address", "port", "database", "io-threads", "log-level"]:
        assert option in result.stdout


@pytest.mark.parametrize(
    "options, names",
    [
        (["stray"], "stray"),
        (["--port=70000"], "port"),
        (["--port=x"], "port"),
        (["--io-threads=0"], "io-threads"),
        (["--no-such-option"], "no-such-option"),
        (["--address=nowhere"], "nowhere"),
        (["--database=mysql://x"], "mysql"),
        (["--database=sqlite:///no/such/folder/chat.db"], "/no/such/folder/chat.db"),
    ],
)
def test_a_wrong_command_line_is_one_clear_line(options, names, tmp_path):
    result = run("--port=0", "--log-level=off", *options, cwd=tmp_path)
    assert result.returncode == 1
    assert result.stdout == ""
    assert names in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_the_configuration_file_of_the_documents_is_one(tmp_path):
    result = run(f"--config-file={ROOT}/examples/server.ini", "--database=mysql://x", cwd=tmp_path)
    assert result.returncode == 1
    assert "mysql" in result.stderr and "server.ini" not in result.stderr


def test_a_file_that_is_no_database(tmp_path):
    file = tmp_path / "chat.db"
    file.write_text("this is no database, whatever its name says " * 100)
    result = run("--port=0", f"--database=sqlite://{file}")
    assert result.returncode == 1
    assert "chat.db" in result.stderr
    assert file.read_text().startswith("this is no database")


def test_a_port_in_use(server, tmp_path):
    result = run(f"--port={server.port}", f"--database=sqlite://{tmp_path}/other.db")
    assert result.returncode == 1
    assert str(server.port) in result.stderr


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_signals_stop_it(tmp_path, how):
    with ChatServer(tmp_path / "chat.db") as server:
        server.sign_up("ann")
        assert server.stop(how) == 0
    with ChatServer(tmp_path / "chat.db") as server:
        status, _, body = server.request("POST", "/api/signup", {"username": "ann", "password": "x" * 8})
        assert status == 400 and b"already exists" in body
