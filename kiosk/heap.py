"""A terminal that never stops to look for garbage while somebody touches it.

Half a million objects of libraries, fonts and screens stay for good; a full collection that passes over them holds the
glass for 0.4 s and more. They are set aside once the terminal shows its hall, and what gathers later is collected when
nobody is there.
"""

from __future__ import annotations

import gc
from typing import Any

OFTEN = (20_000, 20, 50)  # of what is made in a visit, little is left to look at


def begin() -> None:
    """Before anything is made: nothing of it is garbage."""
    gc.disable()


def settle(app: Any, *_: object) -> None:
    """For `app.bind(board=settle)`: the first board is shown, and what there is now stays."""
    app.unbind(board=settle)
    gc.freeze()
    gc.set_threshold(*OFTEN)
    gc.enable()


def tidy() -> None:
    """Nobody is there: what visits left is collected. A few milliseconds where `settle` has been."""
    if gc.get_freeze_count():
        gc.collect()
