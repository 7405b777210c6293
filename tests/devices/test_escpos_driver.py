"""The printer's driver against every fault, in this process, over a pty and over TCP."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from devices.errors import BadFrame, DeviceOffline, DeviceRefused, DeviceSilent, JobInDoubt, SetupError
from devices.escpos import press
from devices.escpos.driver import EscposPrinter
from devices.escpos.simulator import Simulator
from devices.health import Health
from devices.paper.blocks import Document, Number, Text
from devices.simulation import Cable
from devices.transport import Line
from tests.devices.rigs import FAST, PLACES, Rig, rig
from tests.devices.samples import ticket

SMALL = Document((Text("临江市政务服务中心"), Number("A012"), Text("请到 A 区坐着等")))


def test_a_ticket_comes_out_once_whole_and_cut(desk: Rig) -> None:
    desk.printer.print(ticket())
    (one,) = desk.tickets
    assert one.cut and desk.simulator.unfinished.blank


def test_serial_lines_get_hybrid_and_sockets_raster(desk: Rig) -> None:
    desk.printer.print(SMALL)
    assert desk.tickets[0].lines == (("临江市政务服务中心", "请到A区坐着等") if desk.way == "hybrid" else ())


@pytest.mark.parametrize("paper", ["text", "hybrid", "raster"])
def test_the_settings_choose_the_paper(paper: str, tmp_path: Path) -> None:
    with rig("pty", tmp_path, paper=paper) as desk:
        desk.printer.print(SMALL)
        assert bool(desk.tickets[0].lines) == (paper != "raster")
        assert ("A012" in desk.tickets[0].lines) == (paper == "text")


HEALTHS = [
    (("paper ok",), Health.READY, ""),
    (("paper near_end",), Health.WARNING, "paper near end"),
    (("paper out",), Health.REFUSING, "paper out"),
    (("cover open",), Health.REFUSING, "cover open"),
    (("cutter jammed",), Health.REFUSING, "cutter jammed"),
    (("paper out", "cover open"), Health.REFUSING, "cover open"),
    (("silent on",), Health.SILENT, "the printer does not answer; is it switched on?"),
    (("garbage on",), Health.SILENT, "what comes over the printer's line makes no sense; check speed, cable and model"),
    (("unplug",), Health.ABSENT, ""),
]


@pytest.mark.parametrize(("orders", "state", "detail"), HEALTHS)
def test_every_fault_has_its_health_and_goes_away_again(
    desk: Rig, orders: tuple[str, ...], state: Health, detail: str
) -> None:
    assert desk.printer.check().state is Health.READY
    for order in orders:
        assert desk.tell(order).startswith("ok")
    report = desk.printer.check()
    assert report.state is state
    assert report.detail == detail or state is Health.ABSENT
    assert report.at.tzinfo is not None
    for order in ("paper ok", "cover closed", "cutter ok", "silent off", "garbage off", "plug"):
        desk.tell(order)
    assert desk.printer.check().state is Health.READY


@pytest.mark.parametrize("reason", ["paper out", "cover open", "cutter jammed"])
def test_a_printer_that_cannot_print_refuses_before_anything_is_sent(desk: Rig, reason: str) -> None:
    desk.tell(reason)
    with pytest.raises(DeviceRefused) as refused:
        desk.printer.print(SMALL)
    assert refused.value.reason == reason
    for order in ("paper ok", "cover closed", "cutter ok"):
        desk.tell(order)
    assert not desk.tickets and desk.simulator.unfinished.blank
    desk.printer.print(SMALL)
    assert len(desk.tickets) == 1


def test_paper_near_its_end_still_prints(desk: Rig) -> None:
    desk.tell("paper near_end")
    desk.printer.print(SMALL)
    assert len(desk.tickets) == 1


def test_paper_that_runs_out_half_way_is_a_refusal_and_its_torso_is_cut_off(desk: Rig) -> None:
    desk.tell("paper_out_after 4")
    with pytest.raises(DeviceRefused, match="paper out"):
        desk.printer.print(ticket())
    assert not desk.tickets and not desk.simulator.unfinished.blank
    assert desk.printer.check().state is Health.REFUSING
    desk.tell("paper ok")
    desk.printer.print(SMALL)
    assert desk.tickets[-1].data.startswith(press.render(SMALL, 80, "text")[:5])
    assert desk.tickets[-1].picture.height < 400 + 400, "nothing of the torso hangs on it"


def test_a_cover_opened_half_way_is_a_refusal(desk: Rig) -> None:
    desk.printer.check()
    desk.simulator.arm(1500, lambda: desk.inside("cover open"))
    with pytest.raises(DeviceRefused, match="cover open"):
        desk.printer.print(ticket())


@pytest.mark.parametrize("fault", ["silent on", "garbage on"])
def test_a_line_that_fails_before_a_job_loses_nothing(desk: Rig, fault: str) -> None:
    desk.tell(fault)
    with pytest.raises(BadFrame if fault == "garbage on" else DeviceSilent):
        desk.printer.print(SMALL)
    assert not desk.tickets
    desk.tell(fault.replace("on", "off"))
    desk.printer.print(SMALL)
    assert len(desk.tickets) == 1


@pytest.mark.parametrize("fault", ["silent on", "garbage on"])
def test_a_job_nobody_confirms_is_in_doubt_and_never_sent_again(desk: Rig, fault: str) -> None:
    desk.printer.check()
    desk.simulator.arm(200, lambda: desk.inside(fault))
    with pytest.raises(JobInDoubt):
        desk.printer.print(SMALL)
    desk.tell(fault.replace("on", "off"))
    assert desk.printer.check().state is Health.READY
    assert len(desk.tickets) == 1, "it did come out; the driver could not know"


def test_a_slow_printer_is_waited_for(desk: Rig) -> None:
    desk.tell("slow 0.3")
    began = time.monotonic()
    desk.printer.print(SMALL)
    assert time.monotonic() - began >= 0.3


def test_a_printer_slower_than_the_deadline_is_in_doubt(desk: Rig) -> None:
    desk.tell("slow 2")
    with pytest.raises(JobInDoubt):
        desk.printer.print(SMALL)


def test_an_absent_printer_says_so_at_once(desk: Rig) -> None:
    desk.tell("unplug")
    began = time.monotonic()
    with pytest.raises(DeviceOffline):
        desk.printer.print(SMALL)
    assert time.monotonic() - began < 0.5


def test_hung_up_in_the_middle_of_a_job_then_back_with_a_clean_ticket(desk: Rig) -> None:
    desk.printer.check()
    desk.simulator.arm(1200, lambda: desk.inside("unplug"))
    with pytest.raises((DeviceOffline, JobInDoubt)) as broken:
        desk.printer.print(ticket())
    assert desk.printer.check().state is Health.ABSENT
    desk.tell("plug")
    began = time.monotonic()
    assert desk.printer.check().state is Health.READY
    assert time.monotonic() - began < 3
    desk.printer.print(SMALL)
    whole = Simulator()
    way = "text" if broken.type is JobInDoubt else desk.way
    whole.receive(press.render(SMALL, 80, way))
    assert desk.tickets[-1].picture.tobytes() == whole.tickets[0].picture.tobytes(), "no dot of the torso on it"


@pytest.mark.parametrize("cut", [0, 1, 7, 400, 401, 402, 900, 2000])
def test_wherever_a_job_breaks_the_next_ticket_is_clean(cut: int, tmp_path: Path) -> None:
    with rig("cable", tmp_path, paper="raster") as desk:
        desk.printer.check()
        desk.simulator.arm(12 + cut, lambda: desk.inside("unplug"))
        with pytest.raises(DeviceOffline):
            desk.printer.print(ticket())
        desk.tell("plug")
        desk.printer.print(SMALL)
        whole = Simulator()
        whole.receive(press.render(SMALL, 80, "raster"))
        assert desk.tickets[-1].picture.tobytes() == whole.tickets[0].picture.tobytes()


@pytest.mark.parametrize("place", PLACES)
def test_polling_never_interrupts_a_job(place: str, tmp_path: Path) -> None:
    with rig(place, tmp_path, confirm_within=5.0) as desk:
        ended = threading.Event()
        reports = []

        def poll() -> None:
            while not ended.is_set():
                reports.append(desk.printer.check().state)

        poller = threading.Thread(target=poll)
        poller.start()
        for _ in range(5):
            desk.printer.print(SMALL)
        ended.set()
        poller.join()
        assert len(desk.tickets) == 5
        assert set(reports) == {Health.READY}


def test_raster_that_is_not_confirmed_is_followed_by_text(tmp_path: Path) -> None:
    with rig("tcp", tmp_path) as desk:
        desk.printer.check()
        desk.simulator.arm(3000, lambda: desk.inside("silent on"))
        with pytest.raises(JobInDoubt):
            desk.printer.print(ticket())
        desk.tell("silent off")
        desk.printer.print(SMALL)
        assert "A012" in desk.tickets[-1].lines
        desk.printer.print(SMALL)
        assert desk.tickets[-1].lines == (), "confirmed: back to the better looks"


def test_without_fonts_the_paper_is_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_fonts(*_: object) -> None:
        raise SetupError("sc-regular.otf is missing")

    with rig("cable", tmp_path) as desk:
        monkeypatch.setattr(press, "draw", no_fonts)
        desk.printer.print(SMALL)
        assert "A012" in desk.tickets[0].lines


def test_a_wrong_option_says_what_to_write() -> None:
    with pytest.raises(SetupError, match="width = 81 is unknown; write one of 80, 58"):
        EscposPrinter(Cable(Simulator()).connect, width=81)


def test_ten_seconds_pass_on_the_given_clock() -> None:
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += max(seconds, 0.02)

    simulator = Simulator(clock=lambda: now[0])
    cable = Cable(simulator, clock=lambda: now[0], sleep=sleep)
    printer = EscposPrinter(cable.connect, clock=lambda: now[0])
    simulator.tell("slow 9.5")
    printer.print(SMALL)
    assert 9.5 <= now[0] < 10
    simulator.tell("slow 11")
    began = now[0]
    with pytest.raises(JobInDoubt):
        printer.print(SMALL)
    assert 10 <= now[0] - began < 12
    assert FAST["confirm_within"] < 10, "the default is the one the clock was for"


class Dozing(Simulator):
    """Reads nothing for a while, as a printer busy with its mechanics does; then answers everything at once."""

    wakes = 0.0
    heap = b""

    def receive(self, data: bytes) -> bytes:
        self.heap += data
        if self._clock() < self.wakes:
            return b""
        heap, self.heap = self.heap, b""
        return super().receive(heap)


def test_a_confirmation_among_the_answers_to_many_questions_counts() -> None:
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += max(seconds, 0.02)

    simulator = Dozing(clock=lambda: now[0])
    printer = EscposPrinter(Cable(simulator, lambda: now[0], sleep).connect, clock=lambda: now[0])
    printer.check()
    ask = printer._send

    def send_to_a_sleeper(line: Line, job: bytes) -> None:
        simulator.wakes = now[0] + 4
        ask(line, job)

    printer._send = send_to_a_sleeper  # type: ignore[method-assign]
    printer.print(SMALL)
    assert 4 <= now[0] < 5 and len(simulator.tickets) == 1


def test_a_late_confirmation_is_not_taken_for_the_next_jobs() -> None:
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += max(seconds, 0.02)

    simulator = Simulator(clock=lambda: now[0])
    printer = EscposPrinter(Cable(simulator, lambda: now[0], sleep).connect, clock=lambda: now[0])
    simulator.tell("slow 11")
    with pytest.raises(JobInDoubt):
        printer.print(SMALL)
    simulator.tell("slow 1.5")  # the old answer comes first, then that of the cut
    printer.print(SMALL)
    assert len(simulator.tickets) == 3, "the first, the cut, the second"
    simulator.tell("silent on")
    assert simulator.receive(b"") == b"", "and no answer is left over"
    assert not simulator._answers
