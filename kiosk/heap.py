"""A terminal that never stops to look for garbage while somebody touches it.

Half a million objects of libraries, fonts and screens stay for good; a full collection that passes over them holds the
glass for 0.4 s and more. They are set aside once the terminal shows its hall, and what a visit leaves is collected when
it is over: some 6,000 objects, which Python by itself would leave there for thousands of visits.
"""

from __future__ import annotations

import gc
from typing import Any

OFTEN = (20_000, 20, 50)  # of what is made in a visit, little is left to look at
_settled = False


def begin() -> None:
    """Before anything is made: nothing of it is garbage."""
    gc.disable()


def settle(app: Any, *_: object) -> None:
    """For `app.bind(board=settle)`: the first board is shown, and what there is now stays."""
    global _settled
    app.unbind(board=settle)
    _settled = True
    gc.freeze()
    gc.set_threshold(*OFTEN)
    gc.enable()


def tidy() -> None:
    """A visit is over: what it left is collected. A few milliseconds; nothing where `settle` has not been."""
    if _settled:
        gc.collect()
