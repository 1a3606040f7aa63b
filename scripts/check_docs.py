#!/usr/bin/env python3
"""Keeps the code in the documentation true.

A fenced block that follows a line

    <!-- file: path#anchor -->

quotes the lines of that file (from the repository's root) between two marks `// [anchor]`
(or `# [anchor]`); without an anchor, the whole file. What it quotes is compiled or run by the tests.
Blocks without such a line may only be text, JSON (which must parse) or commands of the shell
(of which the scripts must exist).

docs/coming-from-drf.md has a row for each name that docs/names-of-drf.txt lists.

usage: scripts/check_docs.py [--fix]      --fix writes what the files say into the documents
"""

import json
import re
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
QUOTE = re.compile(r"^<!-- file: ([^#\s]+)(?:#(\S+))? -->$")
FENCE = re.compile(r"^(```+)(\w*)$")
MARK = re.compile(r"^\s*(?://|#|<!--)\s*\[([\w-]+)\]\s*(?:-->)?$")


def quoted(name: str, anchor: str | None) -> str:
    path = ROOT / name
    if not path.is_file():
        raise ValueError(f"there is no file {name}")
    lines, inside, marks = [], anchor is None, 0
    for line in path.read_text().splitlines():
        mark = MARK.match(line)
        if mark and mark[1] == anchor:
            inside = not inside
            marks += 1
        elif inside and not mark:
            lines.append(line)
    if anchor is not None and marks != 2:
        raise ValueError(f"{name} has {marks} marks [{anchor}] instead of two")
    return textwrap.dedent("\n".join(lines)).strip("\n")


def check_plain(language: str, text: str) -> None:
    if language == "json":
        json.loads(text)
    elif language == "sh":
        for script in re.findall(r"(?:^|\s)(?:\./)?(scripts/\w+)", text):
            if not (ROOT / script).is_file():
                raise ValueError(f"there is no {script}")
    elif language != "text":
        raise ValueError(f"a block of {language or 'unnamed language'} quotes no file")


def check(document: Path, fix: bool) -> tuple[int, list[str]]:
    lines = document.read_text().splitlines()
    result, problems, count, index = [], [], 0, 0
    while index < len(lines):
        fence = FENCE.match(lines[index])
        if not fence:
            result.append(lines[index])
            index += 1
            continue
        end = next((at for at in range(index + 1, len(lines)) if lines[at] == fence[1]), len(lines))
        body = lines[index + 1 : end]
        quote = QUOTE.match(lines[index - 1]) if index else None
        count += 1
        try:
            if quote:
                text = quoted(quote[1], quote[2]).splitlines()
                if text != body and fix:
                    body = text
                elif text != body:
                    raise ValueError(f"differs from {quote[1]} (scripts/check_docs.py --fix)")
            else:
                check_plain(fence[2], "\n".join(body))
        except ValueError as error:
            problems.append(f"{document.relative_to(ROOT)}:{index + 1}: {error}")
        result += [lines[index], *body, fence[1]]
        index = end + 1
    if fix:
        document.write_text("\n".join(result) + "\n")
    return count, problems


def missing_names() -> list[str]:
    rows = (ROOT / "docs/coming-from-drf.md").read_text()
    known = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`\n]*)`", rows))))
    listed, module, result = ROOT / "docs/names-of-drf.txt", "", []
    for line in listed.read_text().splitlines():
        if line.startswith("["):
            module = line.strip("[]")
        elif module:
            result += [
                f"docs/coming-from-drf.md: {module}.{name} has no row"
                for name in line.split()
                if name not in known
            ]
    return result


def main() -> int:
    fix = sys.argv[1:] == ["--fix"]
    documents = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    blocks, problems = 0, []
    for document in documents:
        if document.is_file():
            count, found = check(document, fix)
            blocks += count
            problems += found
    problems += missing_names()
    for problem in problems:
        print(problem)
    print(f"docs: {blocks} blocks, {len(problems)} problems")
    return 1 if problems else 0


sys.exit(main())
