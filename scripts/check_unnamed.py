#!/usr/bin/env python3
"""Checks that files of one target can be compiled together, in any groups.

CMAKE_UNITY_BUILD compiles several files of a target as one, so that their unnamed
namespaces are one, too. Which files go together changes whenever one is added. So what two
files of a target declare in an unnamed namespace of the same namespace must differ: in its
name or, if all are functions, in its parameters.
"""

import re
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Each folder of these is a target of its own.
PROGRAMS = ("apps/chat", "apps/client", "apps/conformance", "tests/composing")
TOKEN = re.compile(
    r'R"(?P<tag>[^\s()\\]{0,16})\(.*?\)(?P=tag)"'
    r"|//[^\n]*|/\*.*?\*/"
    r"|^[ \t]*\#(?:\\\n|[^\n])*"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|\d(?:'?\w)*"
    r"|'(?:\\.|[^'\\\n])+'"
    r"|::|->|\[\[|\]\]|[A-Za-z_]\w*|[^\s\w]",
    re.DOTALL | re.MULTILINE,
)
IGNORED = ("//", "/*", "#")
PAIRS = {"(": ")", "{": "}", "[": "]", "[[": "]]"}


class Declaration:
    """A name of an unnamed namespace; `parameters` is None unless it is a function."""

    def __init__(self, scope: str, name: str, parameters: str | None, place: Path):
        self.scope, self.name, self.parameters, self.place = scope, name, parameters, place

    def clashes_with(self, other: "Declaration") -> bool:
        return None in (self.parameters, other.parameters) or self.parameters == other.parameters


def tokens_of(text: str) -> list[str]:
    found = (match.group().lstrip() for match in TOKEN.finditer(text))
    return [token for token in found if not token.startswith(IGNORED)]


def end_of(tokens: list[str], at: int) -> int:
    """The place behind the bracket that closes the one at `at`."""
    open_, close = tokens[at], PAIRS[tokens[at]]
    depth = 0
    for i in range(at, len(tokens)):
        depth += (tokens[i] == open_) - (tokens[i] == close)
        if depth == 0:
            return i + 1
    return len(tokens)


def without_template(tokens: list[str]) -> list[str]:
    """A declaration without its attributes and what makes it a template."""
    at = 0
    while at < len(tokens) and tokens[at] in ("template", "[["):
        if tokens[at] == "[[":
            at = end_of(tokens, at)
            continue
        depth, at = 0, at + 1
        while at < len(tokens):
            depth += (tokens[at] == "<") - (tokens[at] == ">")
            at += 1
            if depth == 0:
                break
    if tokens[at : at + 1] == ["requires"]:
        return []
    return tokens[at:]


def parameters_of(tokens: list[str]) -> str:
    """The types of parameters, without their names and defaults."""
    result, one, depth, is_default = [], [], 0, False
    for token in tokens + [","]:
        depth += (token in ("(", "<", "{", "[")) - (token in (")", ">", "}", "]"))
        if token == "," and depth == 0:
            has_name = len(one) > 1 and re.match(r"[A-Za-z_]", one[-1]) and one[-2] not in ("::", "const")
            result.append(" ".join(one[:-1] if has_name else one))
            one, is_default = [], False
        elif token == "=" and depth == 0:
            is_default = True
        elif not is_default:
            one.append(token)
    return ", ".join(result)


def declared_by(tokens: list[str]) -> tuple[str, str | None] | None:
    """The name that a declaration at the scope of a namespace declares, and its parameters."""
    tokens = without_template(tokens)
    if not tokens or tokens[0] in ("static_assert", "friend", "extern", "namespace", ";"):
        return None
    if tokens[0] == "using":
        return (tokens[1], None) if tokens[2:3] == ["="] else None
    if tokens[0] in ("class", "struct", "union", "enum", "concept"):
        at = 2 if tokens[1:2] in (["class"], ["struct"]) else 1
        while tokens[at : at + 1] == ["[["]:
            at = end_of(tokens, at)
        name = tokens[at] if at < len(tokens) else "{"
        is_type = tokens[at + 1 : at + 2] not in ([], ["::"]) and not re.match(r"[A-Za-z_&*]", tokens[at + 1])
        if name != "{" and (is_type or tokens[at + 1 : at + 2] == ["final"]):
            # One that is a specialization is no name of its own.
            return None if tokens[at + 1] == "<" else (name, None)
    angles = 0
    for i, token in enumerate(tokens):
        if token == "operator":
            open_ = tokens.index("(", i + (3 if tokens[i + 1] == "(" else 1))
            name = " ".join(tokens[i:open_])
            return name, parameters_of(tokens[open_ + 1 : end_of(tokens, open_) - 1])
        angles += (token == "<") - (token == ">")
        if angles > 0 or i == 0:
            continue
        is_named = re.match(r"[A-Za-z_]", tokens[i - 1]) is not None
        if token in ("(", "=", "{", "[", ";") and (not is_named or tokens[i - 2 : i - 1] == ["::"]):
            return None
        if token == "(":
            return tokens[i - 1], parameters_of(tokens[i + 1 : end_of(tokens, i) - 1])
        if token in ("=", "{", "[", ";"):
            return tokens[i - 1], None
    return None


def unnamed_names(place: Path) -> list[Declaration]:
    tokens = tokens_of(place.read_text())
    found: list[Declaration] = []
    at = 0
    scopes: list[str] = []
    while at < len(tokens):
        token = tokens[at]
        if token == "}":
            if scopes:
                scopes.pop()
            at += 1
            continue
        if token == "namespace" or tokens[at : at + 2] == ["inline", "namespace"]:
            open_ = next(i for i in range(at, len(tokens)) if tokens[i] in ("{", ";", "="))
            if tokens[open_] == "{":
                name = "".join(tokens[at:open_]).replace("inline", "").replace("namespace", "")
                scopes.append(name or "{}")
                at = open_ + 1
                continue
        # A declaration, up to its end or that of its body.
        start, is_initialized = at, False
        while at < len(tokens) and tokens[at] != ";":
            is_initialized = is_initialized or tokens[at] == "="
            if tokens[at] not in PAIRS:
                at += 1
                continue
            is_body = tokens[at] == "{" and not is_initialized
            at = end_of(tokens, at)
            is_type = tokens[start] in ("class", "struct", "union", "enum", "template")
            # What initializes a member in a constructor's list is no body.
            if is_body and tokens[at : at + 1] not in ([","], ["{"]) and not (is_type and tokens[at : at + 1] == [";"]):
                break
        if tokens[at : at + 1] == [";"]:
            at += 1
        if "{}" in scopes:
            named = declared_by(tokens[start:at])
            if named is not None:
                found.append(Declaration("::".join(scopes), *named, place))
    return found


def targets() -> dict[str, list[Path]]:
    result: dict[str, list[Path]] = defaultdict(list)
    for library in ("libdcrf", "actors"):
        for path in sorted((ROOT / library).rglob("*.cpp")):
            result[library + (" tests" if path.name.endswith(".test.cpp") else "")].append(path)
    for folder in PROGRAMS:
        result[folder] = sorted((ROOT / folder).glob("*.cpp"))
    return result


def clashes(files: list[Path]) -> list[str]:
    by_name: dict[tuple[str, str], list[Declaration]] = defaultdict(list)
    problems: list[str] = []
    for path in files:
        for x in unnamed_names(path):
            others = by_name[(x.scope, x.name)]
            for other in others:
                if other.place != x.place and x.clashes_with(other):
                    problems.append(
                        f"{x.place.relative_to(ROOT)}: {x.name} is in an unnamed namespace of "
                        f"{other.place.relative_to(ROOT)}, too"
                    )
            others.append(x)
    return sorted(set(problems))


def main() -> int:
    problems: list[str] = []
    count = 0
    for files in targets().values():
        count += len(files)
        problems += clashes(files)
    for problem in problems:
        print(problem)
    print(f"unnamed namespaces: {count} files, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
