"""The watch: changes only, back within three seconds, never in a job's way."""

from __future__ import annotations

import queue
import threading
import time
from datetime import UTC, datetime

import pytest

from devices.errors import SetupError
from devices.health import Health, HealthReport, Watch
from tests.devices.rigs import Rig

NOW = datetime(2026, 11, 25, tzinfo=UTC)


def next_state(told: queue.Queue[HealthReport], within: float = 3.0) -> Health:
    return told.get(timeout=within).state


def test_every_change_is_told_once(desk: Rig) -> None:
    told: queue.Queue[HealthReport] = queue.Queue()
    watch = Watch(desk.printer, told.put, every=0.05).start()
    try:
        assert next_state(told) is Health.READY
        for order, state in (
            ("paper near_end", Health.WARNING),
            ("paper out", Health.REFUSING),
            ("paper ok", Health.READY),
        ):
            desk.tell(order)
            assert next_state(told) is state
        time.sleep(0.3)
        assert told.empty()
    finally:
        watch.stop()
    assert watch.report is not None and watch.report.state is Health.READY


def test_unplugged_and_plugged_in_again_is_back_within_three_seconds(desk: Rig) -> None:
    told: queue.Queue[HealthReport] = queue.Queue()
    watch = Watch(desk.printer, told.put, every=0.2).start()
    try:
        assert next_state(told) is Health.READY
        desk.tell("unplug")
        assert next_state(told) is Health.ABSENT
        time.sleep(1.0)  # long enough for the retries to have slowed down
        desk.tell("plug")
        began = time.monotonic()
        assert next_state(told) is Health.READY
        assert time.monotonic() - began < 3
    finally:
        watch.stop()


class Shaky:
    """A driver that fails in every way there is."""

    def __init__(self, *ends: BaseException | HealthReport) -> None:
        self.ends, self.asked = list(ends), 0

    def check(self) -> HealthReport:
        self.asked += 1
        end = self.ends.pop(0) if len(self.ends) > 1 else self.ends[0]
        if isinstance(end, BaseException):
            raise end
        return end


def test_a_driver_that_fails_is_a_silent_device_and_the_watch_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    told: queue.Queue[HealthReport] = queue.Queue()
    device = Shaky(ZeroDivisionError(), SetupError("no fonts"), HealthReport(Health.READY, "", NOW))
    watch = Watch(device, told.put, every=0.01).start()
    reports = [told.get(timeout=3) for _ in range(3)]
    watch.stop()
    assert [report.state for report in reports] == [Health.SILENT, Health.SILENT, Health.READY]
    assert reports[1].detail == "no fonts"
    assert "checking a device failed" in caplog.text


def test_a_listener_that_fails_does_not_end_the_watch(caplog: pytest.LogCaptureFixture) -> None:
    device = Shaky(HealthReport(Health.READY, "", NOW), HealthReport(Health.REFUSING, "paper out", NOW))
    told: queue.Queue[HealthReport] = queue.Queue()

    def listen(report: HealthReport) -> None:
        told.put(report)
        raise ValueError

    watch = Watch(device, listen, every=0.01).start()
    assert [told.get(timeout=3).state for _ in range(2)] == [Health.READY, Health.REFUSING]
    watch.stop()
    assert "a listener for device health failed" in caplog.text


def test_a_poke_checks_at_once() -> None:
    device, asked = Shaky(HealthReport(Health.READY, "", NOW)), threading.Event()
    watch = Watch(device, lambda _: asked.set(), every=60).start()
    assert asked.wait(3)
    watch.poke()
    until = time.monotonic() + 3
    while device.asked < 2 and time.monotonic() < until:
        time.sleep(0.01)
    watch.stop()
    assert device.asked >= 2


def test_only_ready_and_warning_work() -> None:
    assert [state for state in Health if state.works] == [Health.READY, Health.WARNING]
    assert [state for state in Health if not state.reachable] == [Health.SILENT, Health.ABSENT]
