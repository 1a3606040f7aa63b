"""The conformance app as a process, and what it holds."""

import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
BIN_DIR = Path(os.environ.get("DCRF_BIN_DIR", ROOT / "build/release/bin")).resolve()
# Long enough for a busy machine; nothing waits this long unless it fails.
PATIENCE = 30


class ConformanceServer:
    """`dcrf-conformance` on a port of its own."""

    def __init__(self, *options, on_file=False):
        self.options = options
        self.folder = tempfile.TemporaryDirectory() if on_file else None
        self.process = None
        self.port = 0

    def __enter__(self):
        self.process = subprocess.Popen(
            [BIN_DIR / "dcrf-conformance", "--port=0", f"--database=sqlite://{self.file()}",
             "--log-level=critical", "--drain=0s", *self.options],
            stdout=subprocess.PIPE,
            text=True,
        )  # fmt: skip
        line = self.process.stdout.readline()
        found = re.fullmatch(r"listening on http://127\.0\.0\.1:(\d+)\n", line)
        if not found:
            sys.exit(f"the server said {line!r}")
        self.port = int(found[1])
        return self

    def __exit__(self, kind, *_):
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(timeout=PATIENCE)
        if self.folder:
            self.folder.cleanup()
        if kind is None and status != 0:
            sys.exit(f"the server ended with {status}")

    def file(self):
        return f"{self.folder.name}/conformance.db" if self.folder else ":memory:"

    @property
    def url(self):
        return f"ws://127.0.0.1:{self.port}"

    def is_running(self):
        return self.process.poll() is None

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def memory(self):
        """
        Bytes that this process has written. Pages of programs and libraries don't count: they are
        private or not by what other processes of this machine have loaded just now.
        """
        text = Path(f"/proc/{self.process.pid}/smaps_rollup").read_text()
        return 1024 * int(re.search(r"^Private_Dirty:\s+(\d+) kB", text, re.M)[1])
