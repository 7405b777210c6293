"""What holds for every model there is."""

from __future__ import annotations

import importlib
import inspect
import re
from pathlib import Path

import pytest

import devices
from devices import registry
from devices.__main__ import main
from devices.errors import SetupError
from devices.health import Health
from devices.registry import MODELS, open_device
from devices.roles import Device
from devices.simulation import Cable, Simulator

ROOT = Path(devices.__file__).parent
every_model = pytest.mark.parametrize("name", MODELS)


@every_model
def test_a_model_has_codec_driver_and_simulator(name: str) -> None:
    for part in ("codec", "driver", "simulator"):
        assert importlib.import_module(f"devices.{name}.{part}").__doc__


@every_model
def test_a_driver_fulfils_its_role(name: str) -> None:
    device = open_device(name, f"sim://{name}")
    assert isinstance(device, MODELS[name].role) and isinstance(device, Device)
    device.close()


@every_model
def test_a_codec_does_no_input_or_output(name: str) -> None:
    text = (ROOT / name / "codec.py").read_text(encoding="utf-8")
    assert not re.search(r"^(import|from) (os|socket|serial|threading|time|random)\b", text, re.M)


@every_model
def test_a_model_is_ready_in_simulation_and_back_after_a_pulled_plug(name: str) -> None:
    cable = Cable(MODELS[name].simulator())
    device = open_device(name, f"sim://{name}", cable=cable)
    assert device.check().state is Health.READY
    cable.unplug()
    assert device.check().state is Health.ABSENT
    cable.plug()
    assert device.check().state is Health.READY
    device.close()


@every_model
def test_a_simulator_tells_its_state_and_what_it_could_be_told(name: str) -> None:
    simulator: Simulator = MODELS[name].simulator()
    assert simulator.tell("state")
    with pytest.raises(SetupError, match=r"no switch"):
        simulator.tell("nonsense")


@every_model
def test_the_list_shows_it(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    assert re.search(rf"^{name} +{re.escape(MODELS[name].about)}$", capsys.readouterr().out, re.M)


@every_model
def test_every_option_is_documented(name: str) -> None:
    text = inspect.getdoc(MODELS[name].driver) or ""
    for option in registry.options_of(MODELS[name].driver):
        assert re.search(rf"\b{option}\b", text), f"{name}: {option}"


def test_an_unknown_model_is_told_its_neighbour() -> None:
    with pytest.raises(SetupError, match='no model is called "escpso"; did you mean "escpos"'):
        open_device("escpso", "sim://escpos")


def test_an_unknown_option_is_told_its_neighbour() -> None:
    with pytest.raises(SetupError, match='escpos has no option "widht"; did you mean "width"'):
        open_device("escpos", "sim://escpos", widht=58)


def test_an_address_that_can_never_work_is_refused_at_once() -> None:
    with pytest.raises(SetupError, match="no address of a device"):
        open_device("escpos", "printer.local:9100")
    with pytest.raises(SetupError, match="write sim://escpos"):
        open_device("escpos", "sim://sdt")
    with pytest.raises(SetupError, match='"papr" is no switch; did you mean "paper"'):
        open_device("escpos", "sim://escpos?papr=out")


def test_an_address_sets_switches() -> None:
    report = open_device("escpos", "sim://escpos?paper=near_end").check()
    assert (report.state, report.detail) == (Health.WARNING, "paper near end")


def test_a_line_takes_its_own_options() -> None:
    report = open_device("escpos", "/dev/no-such-port", baudrate=19200, flow="xonxoff").check()
    assert report.state is Health.ABSENT
