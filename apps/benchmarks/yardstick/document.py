"""Writes what was measured into `docs/benchmarks.md`, between marks.

A part of the document is what stands between `<!-- bench NAME -->` and `<!-- end NAME -->`. It
brings its own heading, so that what was never measured is not in the document.
"""

import re
from pathlib import Path

from .programs import ROOT

DOCUMENT = ROOT / "docs" / "benchmarks.md"
IMAGES = ROOT / "docs" / "images"


def replaced(text: str, name: str, body: str) -> str:
    """The text with another body for a part.

    Raises ValueError if the part isn't there exactly once.
    """
    begin, end = f"<!-- bench {name} -->", f"<!-- end {name} -->"
    if text.count(begin) != 1 or text.count(end) != 1 or text.index(end) < text.index(begin):
        raise ValueError(f"the document needs {begin} and {end}, once and in this order")
    pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    filled = f"{begin}\n\n{body.strip()}\n\n{end}" if body.strip() else f"{begin}\n{end}"
    return pattern.sub(lambda _: filled, text)


def write(name: str, body: str, path: Path = DOCUMENT) -> None:
    path.write_text(replaced(path.read_text(), name, body))
    print(f"-- wrote {name} of {path.name}")
