"""Talks to a server as a document says, and compares what it answers.

A conversation is a block of text as `dcrf` shows it on a terminal: `> ` before what is sent, `< ` before
what comes; lines that are indented go on with the one before. Where several people talk, the block
begins with a line that names whose terminal it is. Times are those of whoever wrote the document, and
not compared.

A block whose lines begin with `$ ` is of a shell: a command, and what it prints.
"""

import json
import re
from contextlib import AsyncExitStack
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
BLOCK = re.compile(r"^```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TIME = re.compile(r'"\d{4}-\d\d-\d\dT[\d:.]+Z"')


def section(document, heading):
    """The text below a heading of a document."""
    found = re.search(
        rf"^## {re.escape(heading)}.*?\n(.*?)(?=^## |\Z)",
        (ROOT / document).read_text(),
        re.MULTILINE | re.DOTALL,
    )
    assert found, f"{document} has no section {heading}"
    return found[1]


def conversations(text):
    """(whose terminal, [(">" or "<", frame), …]) for each block of a section that is one."""
    result = []
    for block in BLOCK.findall(text):
        lines = block.splitlines()
        name = lines.pop(0)[:-1] if re.fullmatch(r"\w+:", lines[0]) else ""
        frames = []
        for line in lines:
            if line.startswith(("> ", "< ")):
                frames.append((line[0], line[2:]))
            elif frames:
                frames[-1] = (frames[-1][0], frames[-1][1] + line.strip())
        if frames:
            result.append((name, frames))
    return result


def commands(text):
    """[(command, what it prints), …] for each block of a text that is of a shell."""
    result = []
    for block in BLOCK.findall(text):
        if block.startswith("$ "):
            parts = re.split(r"^\$ (.*)\n", block, flags=re.MULTILINE)[1:]
            result.append(list(zip(parts[::2], parts[1::2])))
    return result


def without_times(frame):
    return json.loads(TIME.sub('"(a time)"', frame))


async def talk(text, connect):
    """Holds the conversations of a section; `connect(name)` makes the client of a terminal."""
    clients = {}
    async with AsyncExitStack() as stack:
        for name, frames in conversations(text):
            if name not in clients:
                clients[name] = await stack.enter_async_context(connect(name))
            for direction, frame in frames:
                if direction == ">":
                    await clients[name].send(frame)
                else:
                    received = await clients[name].receive()
                    expected = without_times(frame)
                    assert without_times(json.dumps(received)) == expected, received
    return len(clients)
