"""Ratios between servers that were measured in the same rounds."""

import statistics
from collections.abc import Iterable
from dataclasses import dataclass

from . import results
from .scenarios import BY_NAME, Target


@dataclass(frozen=True)
class Spread:
    """The median of some figures and how far they lie apart."""

    median: float
    least: float
    most: float
    count: int


def spread(figures: Iterable[float]) -> Spread | None:
    known = list(figures)
    if not known:
        return None
    return Spread(statistics.median(known), min(known), max(known), len(known))


def per_round(above: dict[int, float], below: dict[int, float]) -> list[float]:
    """The ratios of the rounds in which both were right."""
    both = sorted(above.keys() & below.keys())
    return [above[number] / below[number] for number in both if below[number]]


def of_target(rows: list[dict], target: Target) -> Spread | None:
    """What a target is held against: the median of the ratios of all rounds."""
    metric = BY_NAME[target.scenario].metric
    above = results.values(rows, target.scenario, target.of, metric)
    if target.against is None:
        return spread(above.values())
    elsewhere = target.in_scenario or target.scenario
    below = results.values(rows, elsewhere, target.against, BY_NAME[elsewhere].metric)
    return spread(per_round(above, below))
