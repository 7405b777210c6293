"""Looking after days in the background."""

import pytest

from queue_server import serve


class Enough(Exception):
    pass


def test_days_are_closed_at_once_and_again_whatever_goes_wrong(caplog: pytest.LogCaptureFixture):
    looks, pauses = [], []

    def close_days() -> None:
        looks.append(len(looks))
        if len(looks) == 2:
            raise OSError("the disk is full")

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            raise Enough

    with pytest.raises(Enough):
        serve.keep_days(close_days, sleep)
    assert (len(looks), pauses) == (3, [30.0] * 3)
    assert "no day was closed; trying again in 30 s" in caplog.text
