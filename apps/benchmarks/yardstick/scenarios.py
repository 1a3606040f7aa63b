"""What is measured, of which peers, and which figure counts."""

from collections.abc import Callable
from dataclasses import dataclass

from .peers import Messages
from .shape import Shape

PER_REQUEST = "server_cpu_us_per_request"
PER_DELIVERY = "server_cpu_us_per_delivery"
PER_CONNECTION = "server_cpu_us_per_connection"
MEMORY = "rss_bytes_per_connection"

NETWORK = ("dcrf", "beast-coalesce", "beast-json-coal", "feathers")
MODEL = ("dcrf", "beast-json-coal", "feathers")
PLAIN = ("dcrf", "beast-json-coal", "feathers", "node-pg")


@dataclass(frozen=True)
class Scenario:
    name: str
    group: str  # of the plot
    what: str
    peers: tuple[str, ...]
    metric: str
    arguments: Callable[[Messages, Shape], list[str]]
    database: str = "fresh"  # or "many rows"


def actions(work: Callable, depth: Callable[[Shape], int] = lambda _: 1, warmup: int = 500):
    def arguments(messages: Messages, shape: Shape) -> list[str]:
        counts = ["-c", str(shape.connections), "-d", str(depth(shape)), "--warmup", str(warmup)]
        return ["actions", *counts, *work(messages, shape)]

    return arguments


def fanout(subscribers: Callable[[Shape], int], warmup: int, rate: bool = False):
    def arguments(messages: Messages, shape: Shape) -> list[str]:
        pace = ["--rate", shape.rate] if rate else ["--window", shape.window]
        counts = ["--subs", subscribers(shape), "--warmup", warmup, *pace]
        return ["fanout", *map(str, counts), *messages.subscribe(), *messages.publish(shape)]

    return arguments


def idle(messages: Messages, shape: Shape) -> list[str]:
    return ["idle", "-c", str(shape.idle_connections), "--idle-subscribe", "--verify-alive",
            *messages.subscribe(), *messages.one_request(shape)]  # fmt: skip


def churn(messages: Messages, shape: Shape) -> list[str]:
    return ["churn", "-c", "16", "-n", "5000", "--warmup", "500",
            *messages.subscribe(), *messages.one_request(shape)]  # fmt: skip


def many_rows(messages: Messages, shape: Shape) -> list[str]:
    template = messages.retrieve(shape)
    template[template.index("--pk") + 1] = f"1-{shape.many_rows}"
    return ["actions", "-c", str(shape.connections), "--warmup", "500", *template]


def latency(messages: Messages, shape: Shape) -> list[str]:
    return ["actions", "-c", "1", "--warmup", "200", *messages.one_request(shape)]


ALL = [
    Scenario("echo", "requests", "a custom action that returns its arguments, 32 connections",
             NETWORK, PER_REQUEST, actions(Messages.echo)),
    Scenario("echo16", "requests", "the same with 16 requests in flight on each connection",
             NETWORK, PER_REQUEST, actions(Messages.echo, lambda shape: shape.echo_depth, 5000)),
    Scenario("retrieve", "requests", "a row by its key, which is checked in the reply; 1000 rows",
             PLAIN, PER_REQUEST, actions(Messages.retrieve)),
    Scenario("retrieve8", "requests", "the same with 8 requests in flight on each connection",
             PLAIN, PER_REQUEST, actions(Messages.retrieve, lambda shape: shape.retrieve_depth)),
    Scenario("retrieve-million", "requests", "a row by its key out of 1,000,000",
             ("dcrf",), PER_REQUEST, many_rows, database="many rows"),
    Scenario("list", "requests", "20 rows", MODEL, PER_REQUEST, actions(Messages.list_rows)),
    Scenario("create", "writes", "a row, committed before the reply; 32 connections",
             PLAIN, PER_REQUEST, actions(Messages.create)),
    Scenario("patch", "writes", "a column of a row, committed before the reply; 32 connections",
             ("dcrf", "feathers"), PER_REQUEST, actions(Messages.patch)),
    Scenario("fan100", "events", "rows created as fast as 16 events in flight allow,"
             " to 100 subscribers", NETWORK, PER_DELIVERY, fanout(lambda shape: shape.subscribers, 500)),
    Scenario("fan10000", "events", "the same to 10,000 subscribers", ("dcrf", "beast-coalesce"),
             PER_DELIVERY, fanout(lambda shape: shape.many_subscribers, 16)),
    Scenario("rate200", "events", "200 events a second to 100 subscribers: nothing to batch",
             ("dcrf", "beast-coalesce", "beast-json-coal"), PER_DELIVERY,
             fanout(lambda shape: shape.subscribers, 20, rate=True)),
    Scenario("idle", "memory", "resident memory of 10,000 subscribed connections of a fresh"
             " process, each proved alive afterwards", ("dcrf", "beast"), MEMORY, idle),
    Scenario("churn", "connections", "connect, subscribe, one request, close, again; 16 at a time",
             ("dcrf", "beast"), PER_CONNECTION, churn),
    Scenario("latency", "latency", "one client with one request in flight: dcrf's retrieve, plain"
             " Beast's echo", ("dcrf", "beast"), "latency_us.p50", latency),
]  # fmt: skip

BY_NAME = {scenario.name: scenario for scenario in ALL}


@dataclass(frozen=True)
class Target:
    """A bound of a ratio between figures of the same round; or, without a peer, of a figure."""

    scenario: str
    most: float | None = None
    least: float | None = None
    against: str | None = None  # the peer below the line
    of: str = "dcrf"  # the peer above it
    in_scenario: str | None = None  # where the peer below was measured, if elsewhere

    @property
    def bound(self) -> str:
        value = f"≤ {self.most:g}" if self.most is not None else f"≥ {self.least:g}"
        return value if self.against else value + " B"

    @property
    def what(self) -> str:
        if self.against is None:
            return self.of
        elsewhere = self.in_scenario and f"'s {self.in_scenario}"
        return f"{self.of} / {self.against}{elsewhere or ''}"

    def is_met_by(self, value: float) -> bool:
        return value <= self.most if self.most is not None else value >= self.least


TARGETS = [
    Target("echo", most=1.3, against="beast-coalesce"),
    Target("echo16", most=2.2, against="beast-coalesce"),
    Target("retrieve", most=1.25, against="beast-json-coal"),
    Target("retrieve8", most=1.1, against="beast-json-coal"),
    Target("retrieve-million", most=1.3, against="dcrf", in_scenario="retrieve"),
    Target("list", most=0.7, against="beast-json-coal"),
    Target("create", most=1.5, against="beast-json-coal"),
    Target("patch", most=1.6, against="beast-json-coal", in_scenario="create"),
    Target("fan100", most=2.2, against="beast-coalesce"),
    Target("fan100", most=0.5, against="beast-json-coal"),
    Target("fan10000", most=2.0, against="dcrf", in_scenario="fan100"),
    Target("rate200", most=1.15, against="beast-coalesce"),
    Target("idle", most=6000),
    Target("churn", most=1.5, against="beast"),
    *(
        Target(name, least=10, of="feathers", against="dcrf")
        for name in ("retrieve", "list", "create", "patch", "fan100")
    ),
]
