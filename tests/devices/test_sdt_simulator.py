"""The simulated card reader: order of commands, cards laid on it, its switches, and noise."""

from __future__ import annotations

import random

import pytest

from devices.errors import SetupError
from devices.sdt import codec
from devices.sdt.samples import person
from devices.sdt.simulator import SWITCHES, Simulator


@pytest.mark.parametrize("fingerprints", [0, 512, 1024])
def test_fingerprints_come_when_asked_for(fingerprints: int) -> None:
    simulator = Simulator()
    simulator.tell("card resident")
    simulator.tell(f"fingerprints {fingerprints}")
    ask = b"".join(codec.Command(code).to_bytes() for code in (codec.FIND, codec.SELECT, codec.READ_ALL))
    said = simulator.receive(ask) + simulator.receive(b"") + simulator.receive(b"")
    *_, whole = codec.Decoder().feed(said)
    assert len(codec.frame(whole)) == 1297 + fingerprints


@pytest.mark.parametrize("n", range(6))
def test_the_speed_is_one_of_five(n: int) -> None:
    simulator = Simulator()
    (body,) = codec.Decoder().feed(simulator.receive(codec.Command(bytes((codec.SPEED, n))).to_bytes()))
    assert body[2] == (codec.OK if n < 5 else codec.UNKNOWN_COMMAND)
    assert simulator.baudrate == (codec.SPEEDS[n] if n < 5 else 115200)


def test_read_without_select_and_select_without_find_fail() -> None:
    for codes in ([codec.SELECT], [codec.FIND, codec.READ], [codec.READ]):
        simulator = Simulator()
        simulator.lay(person())
        said = b"".join(simulator.receive(codec.Command(code).to_bytes()) for code in codes)
        assert list(codec.Decoder().feed(said))[-1][2] in (codec.SELECT_FAILED, codec.READ_FAILED)


def test_every_switch_says_what_could_be_said() -> None:
    simulator = Simulator()
    state = simulator.tell("state")
    assert all(name in state for name in SWITCHES)
    for wrong in (
        "card",
        "card resdent",
        "card resident 1950",
        "card resident 1950-02-28 " + "长" * 16,
        "slow x",
        "slient on",
    ):
        with pytest.raises(SetupError):
            simulator.tell(wrong)
    with pytest.raises(SetupError, match="silent"):
        simulator.tell("slient on")
    assert simulator.tell("card hmt").startswith("card hmt")


@pytest.mark.parametrize("seed", range(10))
def test_noise_neither_stops_nor_fills_the_simulator(seed: int) -> None:
    rng = random.Random(seed)
    simulator = Simulator()
    simulator.tell("card resident")
    for _ in range(20):
        simulator.receive(rng.randbytes(4096))
    simulator.receive(bytes(codec.LONGEST + 10))
    assert list(codec.Decoder().feed(simulator.receive(codec.Command(codec.STATE).to_bytes()))) == [b"\0\0\x90"]
