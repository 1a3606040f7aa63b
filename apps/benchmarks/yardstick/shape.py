"""What may be changed about the messages: their sizes, counts and rates."""

import argparse
import dataclasses
from dataclasses import dataclass


@dataclass(frozen=True)
class Shape:
    """The defaults are those of the targets."""

    pad: int = 100
    text: str = ""
    echo_arguments: str = '"n":1'
    connections: int = 32
    echo_depth: int = 16
    retrieve_depth: int = 8
    list_limit: int = 20
    rows: int = 1000
    subscribers: int = 100
    many_subscribers: int = 10_000
    idle_connections: int = 10_000
    window: int = 16
    rate: int = 200
    many_rows: int = 1_000_000

    @property
    def changes(self) -> dict[str, object]:
        """What differs from the defaults."""
        usual = Shape()
        values = dataclasses.asdict(self)
        return {name: value for name, value in values.items() if value != getattr(usual, name)}


HELP = {
    "pad": "bytes of text in what is written (100)",
    "text": "put before that text, as it stands in JSON: é, \\n, \\u00e9",
    "echo_arguments": 'members of the echoed request ("n":1)',
    "connections": "of echo, retrieve, list, create, patch (32)",
    "echo_depth": "requests in flight on each connection of echo16 (16)",
    "retrieve_depth": "the same of retrieve8 (8)",
    "list_limit": "rows of a list (20)",
    "rows": "keys that are retrieved, from 1 (1000)",
    "subscribers": "of fan100 and rate200 (100)",
    "many_subscribers": "of fan10000 (10000)",
    "idle_connections": "of idle (10000)",
    "window": "events in flight of fan100 and fan10000 (16)",
    "rate": "events per second of rate200 (200)",
    "many_rows": "of the table of retrieve-million (1000000)",
}


def add_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(
        "other messages", "what is measured with them is printed, not written into the document"
    )
    for each in dataclasses.fields(Shape):
        group.add_argument(
            f"--{each.name.replace('_', '-')}",
            type=type(each.default),
            default=each.default,
            help=HELP[each.name],
            metavar="N" if isinstance(each.default, int) else "TEXT",
        )


def of_options(options: argparse.Namespace) -> Shape:
    return Shape(**{each.name: getattr(options, each.name) for each in dataclasses.fields(Shape)})
