"""A PostgreSQL server for tests that stop it, or that look behind the back of a program."""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import urllib.parse
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[1] / "scripts/postgresql"


class PostgreSQL:
    """A server of its own, in a folder that its own user can enter."""

    def __init__(self, folder):
        self.folder = folder
        self.url = self._run("start").strip()

    def stop(self, mode="fast"):
        self._run("stop", mode)

    def restart(self):
        self._run("restart")

    def speak_tls(self):
        """With a certificate for 127.0.0.1; answers the file of its CA."""
        self._run("tls")
        return Path(self.folder) / "ca.crt"

    def execute(self, sql):
        """What another program does; answers what it prints."""
        command = ["psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", self.url]
        done = subprocess.run([*command, "--command", sql], check=True, stdout=subprocess.PIPE)
        return done.stdout.decode().strip()

    @contextlib.contextmanager
    def transaction(self, sql):
        """Keeps what another program's open transaction has done, and undoes it in the end."""
        command = ["psql", "--no-psqlrc", "--quiet", "--tuples-only", self.url]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        with subprocess.Popen(command, **pipes) as program:
            program.stdin.write(f"BEGIN;\n{sql};\n\\echo done\n")
            program.stdin.flush()
            assert program.stdout.readline() == "done\n"
            yield
            program.stdin.close()

    @contextlib.contextmanager
    def pooler(self, mode):
        """pgbouncer before it, in the mode `session` or `transaction`; answers its URL."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        settings = Path(self.folder) / f"{mode}.ini"
        server = urllib.parse.urlsplit(self.url)
        settings.write_text(
            f"[databases]\n* = host={server.hostname} port={server.port} user={server.username}\n"
            f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nauth_type = any\n"
            f"pool_mode = {mode}\nunix_socket_dir =\nignore_startup_parameters = options\n"
        )
        as_server = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        with subprocess.Popen([*as_server, "pgbouncer", "--quiet", settings], cwd="/") as program:
            url = f"postgresql://{server.username}@127.0.0.1:{port}{server.path}"
            while subprocess.run(["pg_isready", "--quiet", f"--dbname={url}"]).returncode != 0:
                assert program.poll() is None
            yield url
            program.terminate()

    def _run(self, *command):
        arguments = [SCRIPT, command[0], self.folder, *command[1:]]
        # What the server itself inherits must not keep anyone waiting for its end.
        with open(Path(self.folder) / "script.log", "w+") as log:
            subprocess.run(arguments, check=True, stdout=log, stdin=subprocess.DEVNULL)
            log.seek(0)
            return log.read()


@contextlib.contextmanager
def temporary():
    folder = tempfile.mkdtemp(prefix="dcrf-postgresql-")
    os.chmod(folder, 0o755)
    running = PostgreSQL(folder)
    try:
        yield running
    finally:
        with contextlib.suppress(subprocess.CalledProcessError):
            running.stop("immediate")  # a test may have stopped it
        shutil.rmtree(folder)
