"""How long one waits at c like windows when people come at random (M/M/c): Erlang's formula, to check by."""

from __future__ import annotations


def mean_wait(windows: int, mean_service: float, load: float) -> float:
    """Minutes, as `mean_service` is; `load` is below 1. Source: Erlang C by the usual recursion over Erlang B."""
    offered = windows * load
    blocked = 1.0
    for count in range(1, windows + 1):
        blocked = offered * blocked / (count + offered * blocked)
    waits = blocked / (1 - load * (1 - blocked))
    return waits * mean_service / (windows * (1 - load))
