"""The models this project can drive, by name."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from devices.errors import SetupError
from devices.escpos.driver import EscposPrinter
from devices.escpos.simulator import Simulator as EscposSimulator
from devices.onbon.driver import OnbonSign
from devices.onbon.simulator import Simulator as OnbonSimulator
from devices.roles import CallSign, Device, IdCardReader, TicketPrinter, Voice
from devices.sdt.driver import SdtReader
from devices.sdt.simulator import Simulator as SdtSimulator
from devices.simulation import Cable, Simulator, did_you_mean
from devices.transport import Line, check_url, open_line
from devices.voice import addresses
from devices.voice.driver import Speaker
from devices.voice.simulator import Simulator as VoiceSimulator


def line_opener(url: str, **line_options: Any) -> Callable[[], Line]:
    """What opens the line to `url` each time it is called; SetupError if nothing ever can."""
    check_url(url)
    return partial(open_line, url, **line_options)


@dataclass(frozen=True)
class Model:
    """A kind of hardware: what it can do, its driver and its simulator."""

    role: Any  # a Protocol of roles.py
    driver: Callable[..., Device]
    simulator: Callable[..., Simulator]
    about: str
    opener: Callable[..., Callable[[], Any]] = line_opener  # URL and line options -> what the driver opens its end with


MODELS: dict[str, Model] = {
    "escpos": Model(TicketPrinter, EscposPrinter, EscposSimulator, "ticket printer, ESC/POS, 80 or 58 mm"),
    "sdt": Model(IdCardReader, SdtReader, SdtSimulator, "ID card reader, SDT serial protocol, every kind of card"),
    "onbon": Model(CallSign, OnbonSign, OnbonSimulator, "LED call sign, Onbon BX-4K/5K/6K font card"),
    "voice": Model(
        Voice, Speaker, VoiceSimulator, "spoken calls: clips or espeak-ng, to aplay:// or wav://", addresses.opener
    ),
}


def model(name: str) -> Model:
    """SetupError, with the nearest name, for one that is not in MODELS."""
    if name not in MODELS:
        raise SetupError(f'no model is called "{name}"{did_you_mean(name, tuple(MODELS))}')
    return MODELS[name]


def open_device(name: str, url: str, *, cable: Cable | None = None, **options: Any) -> Device:
    """The device, ready to be asked; nothing is opened yet, so that it may be plugged in later.

    `options` are those of the model's driver and of transport.open_line (baudrate, flow). A sim:// address makes a
    simulator of its own with the address's switches; a test that wants to hold it passes a `cable` instead.
    SetupError for an unknown model, address or option.
    """
    chosen = model(name)
    line_options = {key: options.pop(key) for key in options_of(open_line) & options.keys()}
    for key in options.keys() - options_of(chosen.driver):
        known = tuple(sorted(options_of(chosen.driver) | options_of(open_line)))
        raise SetupError(f'{name} has no option "{key}"{did_you_mean(key, known)}')
    if cable is not None:
        return chosen.driver(cable.connect, **options)
    if urlsplit(url).scheme == "sim":
        return chosen.driver(simulated(name, url, options).connect, **options)
    return chosen.driver(chosen.opener(url, **line_options), **options)


def simulated(name: str, url: str, options: Mapping[str, Any]) -> Cable:
    """The cable to a new simulator for sim://name?switch=value&out=DIR; it has its width from the driver's options."""
    chosen, parts = model(name), urlsplit(url)
    if parts.netloc != name:
        raise SetupError(f'"{url}" is not a {name}; write sim://{name}')
    own = options_of(chosen.simulator)
    said = parse_qsl(parts.query)
    making = {key: value for key, value in said if key in own}
    simulator = chosen.simulator(**{key: value for key, value in options.items() if key in own}, **making)
    for switch, value in said:
        if switch not in own:
            simulator.tell(f"{switch} {value}")
    return Cable(simulator)


PARTS = {"clock", "now", "rng", "sleep"}  # collaborators, not settings


def options_of(call: Callable[..., Any]) -> set[str]:
    """Names a settings file may use: the keyword-only parameters."""
    parameters = inspect.signature(call).parameters.values()
    return {one.name for one in parameters if one.kind is one.KEYWORD_ONLY} - PARTS
