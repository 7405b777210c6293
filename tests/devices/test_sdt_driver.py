"""The card reader as the house meets it: polling, reading, and whatever goes wrong on the line or with the card."""

from __future__ import annotations

import dataclasses
import itertools
import logging
import random
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from devices.errors import BadFrame, DeviceError, DeviceOffline, DeviceRefused, DeviceSilent
from devices.health import Health, Watch
from devices.sdt import codec
from devices.sdt.card import CardKind, CardUnreadable
from devices.sdt.driver import POLL, SdtReader
from devices.sdt.samples import BIRTH, person
from devices.sdt.simulator import Simulator
from devices.simulation import Cable
from devices.transport import open_line
from tests.devices.lines import PLACES, Clock, Joined, joined, within

KINDS = list(CardKind)
FAST = {"answer_within": 0.15, "read_within": 0.5}


@dataclasses.dataclass
class Desk:
    reader: SdtReader
    simulator: Simulator
    tell: Callable[[str], str]


@pytest.fixture
def quick() -> Iterator[Desk]:
    """A reader in this process, with a clock that waits for nobody."""
    clock = Clock()
    simulator = Simulator(clock=clock, rng=random.Random(1))
    cable = Cable(simulator, clock, clock.sleep)
    yield Desk(SdtReader(cable.connect, clock=clock, sleep=clock.sleep), simulator, cable.tell)


@pytest.fixture(params=PLACES)
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    """A reader on each kind of line in turn; polls are not spaced, to save time."""
    simulator = Simulator(rng=random.Random(1))
    with joined(request.param, simulator, tmp_path) as far:
        reader = _reader(far)
        yield Desk(reader, simulator, far.tell)
        reader.close()


def _reader(far: Joined) -> SdtReader:
    return SdtReader(far.connect, sleep=lambda _: None, **FAST)


# --- polling ----------------------------------------------------------------------------------------------------------


def test_a_card_is_seen_when_it_lies_there_and_not_before(desk: Desk) -> None:
    assert not desk.reader.card_present()
    desk.tell("card resident")
    assert desk.reader.card_present()
    desk.tell("card none")
    assert not desk.reader.card_present()


def test_polling_asks_whether_and_never_whose(quick: Desk) -> None:
    quick.tell("card resident")
    for _ in range(20):
        quick.reader.card_present()
    assert set(quick.simulator.heard) == {codec.FIND}


def test_finds_are_never_less_than_300_ms_apart() -> None:
    clock = Clock()
    times: list[float] = []

    class Listening(Simulator):
        def _find(self) -> codec.Answer:
            times.append(clock.now)
            return super()._find()

    simulator = Listening(clock=clock)
    reader = SdtReader(Cable(simulator, clock, clock.sleep).connect, clock=clock, sleep=clock.sleep)
    simulator.lay(person())
    for _ in range(10):
        reader.card_present()
        reader.read()
    gaps = [after - before for before, after in itertools.pairwise(times)]
    assert len(times) == 20 and min(gaps) >= POLL >= 0.3
    assert max(gaps) < 0.5, "nor much more"


# --- reading ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_card_is_read(desk: Desk, kind: CardKind) -> None:
    laid = person(kind)
    desk.tell(f"card {kind}")
    card = desk.reader.read()
    assert (card.kind, card.number, card.birth) == (kind, laid.number, BIRTH)
    assert card.name == (laid.name or laid.latin_name)


def test_find_select_and_read_go_out_in_this_order_for_every_read(quick: Desk) -> None:
    quick.tell("card hmt")
    quick.reader.read()
    quick.reader.read()
    assert list(quick.simulator.heard) == [codec.FIND, codec.SELECT, codec.READ] * 2


def test_a_card_with_two_names_gives_the_chinese_one(quick: Desk) -> None:
    quick.simulator.lay(dataclasses.replace(person(CardKind.FOREIGNER_2017), name="安样本"))
    assert quick.reader.read().masked_name == "安*本"


def test_a_card_carries_four_things_and_no_more(quick: Desk) -> None:
    quick.tell("card resident 1950-02-28 王样本")
    card = quick.reader.read()
    assert {field.name for field in dataclasses.fields(card)} == {"kind", "name", "birth", "number"}
    assert (card.name, card.birth, card.age_on(date(2026, 2, 28))) == ("王样本", date(1950, 2, 28), 76)


def test_chip_words_and_ids_that_are_not_zero_change_nothing(desk: Desk) -> None:
    desk.tell("chip_words on")
    desk.tell("card resident")
    assert desk.reader.card_present() and desk.reader.read().number == person().number
    desk.tell("read_fails on")
    with pytest.raises(CardUnreadable, match="reading the card failed"):
        desk.reader.read()


# --- cards that cannot be read ----------------------------------------------------------------------------------------


def test_no_card_asks_for_one(quick: Desk) -> None:
    with pytest.raises(CardUnreadable, match="no card found: lift the card and lay it again"):
        quick.reader.read()


@pytest.mark.parametrize(
    ("when", "words"), [("found", "selecting the card failed"), ("selected", "reading the card failed")]
)
def test_a_card_taken_back_too_early_must_be_laid_again(desk: Desk, when: str, words: str) -> None:
    desk.tell("card resident")
    desk.tell(f"leaves {when}")
    with pytest.raises(CardUnreadable, match=words):
        desk.reader.read()
    assert not desk.reader.card_present()
    desk.tell("card resident")
    assert desk.reader.read().number == person().number


def test_a_card_that_failed_is_found_again_only_after_it_was_lifted(quick: Desk) -> None:
    quick.tell("card resident")
    quick.tell("read_fails on")
    with pytest.raises(CardUnreadable):
        quick.reader.read()
    quick.tell("read_fails off")
    assert not quick.reader.card_present()
    with pytest.raises(CardUnreadable, match="no card"):
        quick.reader.read()
    quick.tell("card none")
    quick.tell("card resident")
    assert quick.reader.card_present() and quick.reader.read().birth == BIRTH


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"birth": "19850315"}, "do not agree"),
        ({"birth": "19851399"}, "no birth date"),
        ({"birth": ""}, "no birth date"),
        ({"name": "", "latin_name": ""}, "no name"),
        ({"number": "1"}, "form"),
        ({"number": ""}, "form"),
    ],
)
def test_a_card_that_cannot_be_right_is_unreadable(
    quick: Desk, kind: CardKind, change: dict[str, str], words: str
) -> None:
    quick.simulator.lay(dataclasses.replace(person(kind), **change))
    with pytest.raises(CardUnreadable, match=words):
        quick.reader.read()


@pytest.mark.parametrize("kind", KINDS)
def test_a_wrong_check_character_is_unreadable(quick: Desk, kind: CardKind) -> None:
    number = person(kind).number
    for last in set("0123456789X") - {number[-1]}:
        quick.simulator.lay(dataclasses.replace(person(kind), number=number[:-1] + last))
        with pytest.raises(CardUnreadable, match=r"check character is wrong|form"):
            quick.reader.read()


# --- privacy ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("change", [{}, {"birth": "19850315"}, {"number": person().number[:-1] + "?"}])
def test_no_log_no_error_and_no_traceback_shows_a_person(
    quick: Desk, caplog: pytest.LogCaptureFixture, change: dict[str, str]
) -> None:
    laid = dataclasses.replace(person(), **change)
    quick.simulator.lay(laid)
    shown = ""
    with caplog.at_level(logging.DEBUG):
        try:
            card = quick.reader.read()
            shown = repr(card)
        except CardUnreadable as error:
            here = traceback.TracebackException.from_exception(error, capture_locals=True)
            frames = [
                frame for frame in here.stack if "/devices/" in frame.filename and "/tests/" not in frame.filename
            ]
            assert frames
            shown = "".join(traceback.format_list(frames)) + str(error)
    shown += caplog.text
    spelt = "\\x00".join(laid.number[:6])
    assert laid.number[:17] not in shown and laid.name not in shown and spelt not in shown and "样本路" not in shown


def test_a_damaged_card_shows_nothing_either(quick: Desk) -> None:
    class Longer(Simulator):
        def _content(self, fingerprints: bytes | None) -> codec.Answer:
            answer = super()._content(fingerprints)
            return codec.Answer(answer.sw3, codec.Private(answer.data + b"\0"))

    clock = Clock()
    simulator = Longer(clock=clock)
    simulator.lay(person())
    reader = SdtReader(Cable(simulator, clock, clock.sleep).connect, clock=clock, sleep=clock.sleep)
    with pytest.raises(BadFrame, match="size") as caught:
        reader.read()
    shown = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    frames = [frame for frame in shown.stack if "/tests/" not in frame.filename]
    assert "\\x00".join("199999") not in "".join(traceback.format_list(frames))


# --- a bad line -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["torn on", "stray 3", "slow 0.05"])
def test_what_a_line_does_to_answers_that_still_come_does_no_harm(desk: Desk, fault: str) -> None:
    desk.tell(fault)
    desk.tell("card foreigner_2023")
    assert desk.reader.card_present()
    assert desk.reader.read().number == person(CardKind.FOREIGNER_2023).number
    assert desk.reader.check().state is Health.READY


FAULTS = [  # what to say, what is raised, how to mend it
    ("silent on", DeviceSilent, "silent off"),
    ("garbage on", BadFrame, "garbage off"),
    ("check wrong", BadFrame, "check right"),
    ("length long", BadFrame, "length true"),
    ("glitch on", BadFrame, "glitch off"),
    ("breaks_off 6", BadFrame, "breaks_off -1"),
    ("breaks_off 0", DeviceSilent, "breaks_off -1"),
]


@pytest.mark.parametrize(("fault", "error", "mended"), FAULTS)
def test_what_never_makes_sense_is_named_and_over_with_the_fault(
    desk: Desk, fault: str, error: type[DeviceError], mended: str
) -> None:
    desk.tell("card resident")
    desk.tell(fault)
    began = time.monotonic()
    with pytest.raises(error):
        desk.reader.read()
    assert time.monotonic() - began < 2
    desk.tell(mended)
    assert desk.reader.check().state is Health.READY
    assert desk.reader.read().number == person().number


@pytest.mark.parametrize(("fault", "error", "mended"), FAULTS)
def test_polls_and_checks_name_it_too(quick: Desk, fault: str, error: type[DeviceError], mended: str) -> None:
    quick.tell(fault)
    with pytest.raises(error):
        quick.reader.card_present()
    report = quick.reader.check()
    assert report.state is Health.SILENT and "card reader" in report.detail
    quick.tell(mended)
    assert not quick.reader.card_present()


@pytest.mark.parametrize("order", ["damaged 1", "misheard 1"])
@pytest.mark.parametrize("before", range(3))
def test_one_damaged_answer_or_command_is_sent_again_and_nobody_notices(order: str, before: int) -> None:
    class Once(Simulator):
        """The fault begins at the nth command of a read."""

        def _obey(self, command: codec.Command) -> codec.Answer:
            if len(self.heard) == before + 1:
                self.tell(order)
            return super()._obey(command)

    clock = Clock()
    simulator = Once(clock=clock)
    simulator.lay(person())
    reader = SdtReader(Cable(simulator, clock, clock.sleep).connect, clock=clock, sleep=clock.sleep)
    assert reader.read().number == person().number
    assert len(simulator.heard) == before + 4


def test_an_answer_that_comes_too_late_is_not_taken_for_the_next(quick: Desk) -> None:
    quick.tell("card resident")
    quick.tell("slow 1.01")  # each find is answered just after it was given up
    with pytest.raises(DeviceSilent):
        quick.reader.card_present()
    quick.tell("slow 0")
    quick.tell("card none")
    assert not quick.reader.card_present()
    quick.tell("card hmt")
    assert quick.reader.read().kind is CardKind.HMT


def test_a_line_that_returns_what_is_sent_is_no_reader() -> None:
    reader = SdtReader(lambda: open_line("loop://"), answer_within=0.2, sleep=lambda _: None)
    with pytest.raises(BadFrame):
        reader.card_present()
    assert reader.check().state is Health.SILENT
    reader.close()


# --- health, plugs, threads -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("order", "words"), [("module broken", "self-test"), ("module barred", "not authorised")])
def test_a_reader_whose_module_fails_refuses_with_words(quick: Desk, order: str, words: str) -> None:
    quick.tell("card resident")
    quick.tell(order)
    report = quick.reader.check()
    assert report.state is Health.REFUSING and words in report.detail
    for ask in (quick.reader.card_present, quick.reader.read):
        with pytest.raises(DeviceRefused, match=words):
            ask()


def test_plugged_in_again_it_is_back_within_three_seconds(desk: Desk) -> None:
    desk.tell("card resident")
    states: list[Health] = []
    watch = Watch(desk.reader, lambda report: states.append(report.state), every=0.1).start()
    try:
        assert within(2, lambda: states == [Health.READY])
        desk.tell("unplug")
        assert within(2, lambda: states[-1] is Health.ABSENT)
        with pytest.raises(DeviceOffline):
            desk.reader.card_present()
        desk.tell("plug")
        assert within(3, lambda: states[-1] is Health.READY)
        assert desk.reader.read().number == person().number
    finally:
        watch.stop()


def test_hung_up_in_the_middle_of_a_card_it_reads_the_next_one(desk: Desk) -> None:
    desk.tell("card resident")
    desk.tell("breaks_off 700")
    pull = threading.Timer(0.1, desk.tell, ["unplug"])
    pull.start()
    with pytest.raises(DeviceOffline):
        desk.reader.read()
    pull.join()
    desk.tell("breaks_off -1")
    desk.tell("plug")
    began = time.monotonic()
    assert within(3, lambda: desk.reader.check().state is Health.READY)
    assert desk.reader.read().number == person().number
    assert time.monotonic() - began < 3


def test_a_reader_that_is_not_there_is_absent_and_one_that_comes_later_works(tmp_path: Path) -> None:
    simulator = Simulator()
    with joined("pty", simulator, tmp_path) as far:
        far.tell("unplug")
        reader = _reader(far)
        assert reader.check().state is Health.ABSENT
        far.tell("plug")
        assert reader.check().state is Health.READY
        reader.close()
        assert not reader.card_present(), "and opens its line again after close"
        reader.close()


def test_checks_and_reads_from_many_threads_never_mix(quick: Desk) -> None:
    quick.tell("card resident")
    failed: list[Exception] = []

    def work(ask: Callable[[], object]) -> None:
        try:
            for _ in range(20):
                ask()
        except DeviceError as error:
            failed.append(error)

    asks = (
        quick.reader.read,
        quick.reader.card_present,
        lambda: quick.reader.check().state.works or failed.append(OSError()),
    )
    threads = [threading.Thread(target=work, args=(ask,)) for ask in asks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    heard = list(quick.simulator.heard)
    assert all(heard[at - 1] == codec.SELECT for at, code in enumerate(heard) if code == codec.READ)
