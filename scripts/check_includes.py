#!/usr/bin/env python3
"""Checks who includes whom: see "The house" in docs/architecture.md.

- Each floor includes only what is below it (tests are free to look up).
- No two files include each other, directly or in a loop.
- Installed headers include no header of an internal/ folder, and those of libdcrf
  neither CAF, SOCI, Beast nor Asio.
- A header is installed only if users name it (documents, examples, programs) or such a
  header needs it; all others are in an internal/ folder.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# From the bottom up; rooms on one floor don't include each other.
FLOORS = [
    ["json"],
    ["model"],
    ["store"],
    ["serializer"],
    ["protocol"],
    ["groups"],
    ["runtime"],
    ["listing", "identity"],
    ["rows"],
    ["consumer"],
    ["session", "observer", "view"],
    ["routing"],
    ["testing"],
    ["actors"],
    ["apps"],
]
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]', re.MULTILINE)
NAMED = re.compile(r"\b(dcrf/[\w/]+\.hpp)")
PRIVATE_LIBRARIES = re.compile(r"(caf|soci|boost/(beast|asio))/|boost/(beast|asio)\.hpp")


def room_of(path: Path) -> str | None:
    """The room of a file, None if it stands beside the rooms (like an umbrella header)."""
    parts = path.relative_to(ROOT).parts
    if parts[0] == "apps":
        return "apps"
    return parts[2] if parts[1] == "dcrf" and len(parts) > 3 else None


def named_by_users() -> set[Path]:
    """The headers that documents, examples and programs include or name, and the umbrellas."""
    pages = [*(ROOT / "docs").rglob("*.md"), ROOT / "README.md"]
    # These tell how the library is made.
    pages = [x for x in pages if x.parent.name != "decisions" and x.name != "architecture.md"]
    for folder in ("examples", "apps/chat", "apps/conformance", "tests/composing", "tests/packaging"):
        pages += [x for x in (ROOT / folder).rglob("*.?pp") if "node_modules" not in x.parts]
    names = {"dcrf/dcrf.hpp", "dcrf/server.hpp", "dcrf/fwd.hpp"}
    for page in pages:
        names.update(NAMED.findall(page.read_text()))
    places = [ROOT / library / name for name in names for library in ("libdcrf", "actors")]
    return {place for place in places if place.is_file() and "internal" not in place.parts}


def main() -> int:
    sources = [
        path
        for folder in ("libdcrf", "actors", "apps")
        for path in sorted((ROOT / folder).rglob("*.?pp"))
        if path.suffix in (".hpp", ".cpp")
    ]
    problems = []
    graph: dict[Path, list[Path]] = {}
    for path in sources:
        name = path.relative_to(ROOT)
        room = room_of(path)
        is_test = path.name.endswith(".test.cpp") or (
            "internal" in path.parts and path.name.startswith("test_")
        )
        public = path.suffix == ".hpp" and "internal" not in name.parts and name.parts[0] != "apps"
        graph[path] = []
        if room is not None and room not in FLOOR_OF:
            problems.append(f"{name}: the room {room} has no floor in {Path(__file__).name}")
            continue
        for quote, target in INCLUDE.findall(path.read_text()):
            if public and name.parts[0] == "libdcrf" and PRIVATE_LIBRARIES.match(target):
                problems.append(f"{name}: a public header includes <{target}>")
            if public and "/internal/" in target:
                problems.append(f"{name}: an installed header includes {target}, which is not")
            places = [ROOT / "libdcrf", ROOT / "actors", path.parent, ROOT / "apps"]
            found = next((at / target for at in places if (at / target).is_file()), None)
            if quote == "<" or found is None:
                continue
            found = found.resolve()
            graph[path].append(found)
            other = room_of(found)
            if is_test or room is None or other is None or room == other:
                continue
            if FLOOR_OF.get(other, -1) >= FLOOR_OF[room]:
                problems.append(f"{name}: {room} includes {target}, which is not below it")

    done: set[Path] = set()

    def visit(path: Path, above: list[Path]) -> None:
        if path in above:
            loop = [str(each.relative_to(ROOT)) for each in above[above.index(path) :] + [path]]
            problems.append("a loop: " + " -> ".join(loop))
        elif path not in done:
            for target in graph.get(path, []):
                visit(target, above + [path])
            done.add(path)

    for path in sources:
        visit(path, [])

    needed: set[Path] = set()
    waiting = list(named_by_users())
    while waiting:
        path = waiting.pop()
        if path not in needed:
            needed.add(path)
            waiting += graph.get(path, [])
    for path in sources:
        name = path.relative_to(ROOT)
        is_installed = path.suffix == ".hpp" and "internal" not in name.parts
        if is_installed and name.parts[0] != "apps" and path not in needed:
            problems.append(f"{name}: nothing that users name needs it, so it belongs to internal/")

    for problem in problems:
        print(problem)
    print(f"includes: {len(sources)} files, {len(problems)} problems")
    return 1 if problems else 0


sys.exit(main())
