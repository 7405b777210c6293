"""Reader and signs as processes of their own, as tests of the whole house and demos meet them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from devices.health import Health
from devices.onbon.driver import OnbonSign
from devices.registry import open_device
from devices.sdt.card import CardKind
from devices.sdt.driver import SdtReader
from devices.sdt.samples import person
from tests.devices.lines import within
from tests.devices.rigs import Control

ROOT = Path(__file__).parents[2]


@contextmanager
def simulated(*words: str | Path) -> Iterator[str]:
    """Runs a simulator; gives the address for drivers; it must end cleanly."""
    process = subprocess.Popen(
        [sys.executable, "-m", "devices", "simulate", *map(str, words)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    ready, where = process.stdout.readline().split()
    assert ready == "ready"
    try:
        yield where if "--pty" in words else f"socket://{where}"
    finally:
        process.terminate()
        rest, errors = process.communicate(timeout=10)
        assert (process.returncode, rest, errors) == (0, "", "")


@pytest.fixture(params=["pty", "tcp"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str | Path, ...]:
    return ("--pty", tmp_path / "line") if request.param == "pty" else ("--port", "0")


def test_a_card_is_laid_through_the_control_socket(place: tuple[str | Path, ...], tmp_path: Path) -> None:
    with (
        simulated("sdt", *place, "--control", tmp_path / "control") as where,
        closing(Control(tmp_path / "control")) as control,
        closing(open_device("sdt", where)) as reader,
    ):
        assert isinstance(reader, SdtReader) and reader.check().state is Health.READY
        assert not reader.card_present()
        control.tell("card hmt 1950-02-28")
        assert reader.card_present()
        card = reader.read()
        assert (card.kind, card.name) == (CardKind.HMT, person(CardKind.HMT).name)
        control.tell("unplug")
        assert reader.check().state is Health.ABSENT
        control.tell("plug")
        assert within(3, lambda: reader.check().state is Health.READY)


def test_what_signs_show_is_read_from_a_file(place: tuple[str | Path, ...], tmp_path: Path) -> None:
    shown = tmp_path / "signs" / "shown.txt"
    with simulated("onbon", *place, "--signs", "2", "--out", shown.parent) as where:
        sign = open_device("onbon", where, width=256)
        assert isinstance(sign, OnbonSign)
        sign.show("A012 请到3号窗口")
        sign.at(2).show("B007 请到5号窗口")
        assert shown.read_text("utf-8").splitlines() == ["1\t0\tA012 请到3号窗口", "2\t0\tB007 请到5号窗口"]
        sign.close()


@pytest.mark.parametrize("words", [["sdt", "--width", "58"], ["sdt", "--out", "x"], ["escpos", "--signs", "2"]])
def test_an_option_a_simulator_has_not_is_refused(words: list[str]) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "devices", "simulate", *words, "--port", "0"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.returncode == 2 and f"{words[0]} has no {words[1]}" in told.stderr
