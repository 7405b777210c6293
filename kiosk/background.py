"""Work that waits leaves the UI thread; its result comes back to it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from kivy.clock import Clock

log = logging.getLogger(__name__)
Result = TypeVar("Result")


def on_ui(tell: Callable[..., None], *facts: Any) -> None:
    """Calls `tell(*facts)` in the UI thread at its next frame; may be called from any thread."""
    Clock.schedule_once(lambda _dt: tell(*facts), 0)


class Background:
    """A few threads for requests and devices. `expected` are the errors a screen has words for; others are logged."""

    def __init__(self, expected: tuple[type[Exception], ...] = (), threads: int = 4) -> None:
        self._expected = expected
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="background")

    def run(
        self,
        work: Callable[[], Result],
        done: Callable[[Result], None],
        failed: Callable[[Exception], None] = lambda error: None,
    ) -> None:
        """Does `work()` off the UI thread, then `done(result)` or `failed(error)` on it."""

        def whole() -> None:
            try:
                result = work()
            except Exception as error:
                if not isinstance(error, self._expected):
                    log.exception("background work failed")
                on_ui(failed, error)
            else:
                on_ui(done, result)

        self._pool.submit(whole)

    def close(self) -> None:
        """Takes no more work; what runs may finish, what waits is dropped."""
        self._pool.shutdown(wait=False, cancel_futures=True)
