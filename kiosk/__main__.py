"""`python -m kiosk ticket | lookup | display`: one terminal of a hall."""

from __future__ import annotations

import argparse
import json
import logging
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import config
from config import ConfigError, Kiosk
from config.schema import DisplaySettings, SignSettings, TouchSettings
from devices import registry
from devices.errors import SetupError
from devices.roles import CallSign, IdCardReader, TicketPrinter, Voice
from kiosk import heap, paper_template
from kiosk.client import Client
from kiosk.kivy_setup import prepare
from kiosk.paper_template import Template

WRONG = 2  # exit code for a mistake the caller can mend
DEMO = Path(config.__file__).parent / "demo" / "kiosk.toml"


def main(arguments: list[str]) -> int:
    """Runs one terminal until it is ended; returns its exit code."""
    asked = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    heap.begin()
    try:
        settings = _settings(asked)
        token = read_token(Path(settings.token_file), TOKEN_OF[asked.terminal])
        app = TERMINALS[asked.terminal](settings, Client(settings.server, settings.hall, token), asked)
    except (ConfigError, SetupError) as error:
        print(error, file=sys.stderr)
        return WRONG
    from kiosk.heartbeat import Heartbeat  # Kivy, which is prepared by now

    heartbeat = Heartbeat()
    app.bind(on_start=heartbeat.start, on_stop=heartbeat.stop, board=heap.settle)
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, lambda *_: app.stop())
    app.run()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kiosk", description="A terminal of a service hall.")
    terminals = parser.add_subparsers(dest="terminal", required=True, metavar="TERMINAL")
    for name, about in ABOUT.items():
        one = terminals.add_parser(name, help=about)
        one.add_argument("--config", type=Path, default=DEMO, metavar="FILE", help="kiosk.toml; else the demo's")
        one.add_argument("--server", metavar="URL", help="instead of the one in kiosk.toml")
        one.add_argument("--token-file", metavar="FILE", help="instead of the one in kiosk.toml")
        one.add_argument("--devices", type=Path, metavar="FILE", help="devices.toml; else the one beside kiosk.toml")
        if name == "display":
            one.add_argument("--name", metavar="NAME", help="one of [displays.NAME]; else [display]")
        one.add_argument("--dump", type=Path, metavar="FILE", help="write what is shown there, for tests")
    return parser


def _settings(asked: argparse.Namespace) -> Kiosk:
    """kiosk.toml with the command line over it; the token file as a path from here. Raises ConfigError."""
    settings = config.load_kiosk(asked.config)
    named = asked.token_file or asked.config.parent / settings.token_file
    changed = {"token_file": str(named)} | ({"server": asked.server} if asked.server else {})
    return settings.model_copy(update=changed)


def read_token(file: Path, role: str) -> str:
    """The token in a file: its text, or that of the role where the file is JSON {role: token}. Raises ConfigError."""
    try:
        text = file.read_text("utf-8").strip()
    except OSError as error:
        raise ConfigError(file, [f"token_file cannot be read: {error.strerror}"]) from error
    if not text.startswith("{"):
        return text
    try:
        return str(json.loads(text)[role])
    except (ValueError, KeyError) as error:
        raise ConfigError(file, [f'token_file has no token for "{role}"']) from error


def template(asked: argparse.Namespace, wanted: TouchSettings) -> Template | None:
    """What stands on the terminal's tickets; None for the built-in. Raises ConfigError."""
    return paper_template.read(asked.config.parent / wanted.template) if wanted.template else None


def ticket(settings: Kiosk, client: Client, asked: argparse.Namespace) -> Any:
    """The ticket kiosk."""
    wanted, hardware = settings.ticket, Hardware(asked)
    layout = template(asked, wanted)
    prepare(wanted.width, wanted.height)
    printer = hardware.opened("ticket.printer", wanted.printer, TicketPrinter)
    reader = hardware.opened("ticket.reader", wanted.reader, IdCardReader)
    voice = hardware.opened("ticket.voice", wanted.voice, Voice)
    from kiosk import theme
    from kiosk.app import TicketApp
    from kiosk.brand import brand

    theme.register_fonts()
    marks = brand(settings.theme, asked.config)
    return TicketApp(settings, client, printer, reader, voice, template=layout, brand=marks, dump=asked.dump)


def lookup(settings: Kiosk, client: Client, asked: argparse.Namespace) -> Any:
    """The standards lookup terminal."""
    wanted, hardware = settings.lookup, Hardware(asked)
    layout = template(asked, wanted)
    prepare(wanted.width, wanted.height)
    printer = hardware.opened("lookup.printer", wanted.printer, TicketPrinter)
    voice = hardware.opened("lookup.voice", wanted.voice, Voice)
    from kiosk import theme
    from kiosk.brand import brand
    from kiosk.lookup import LookupApp

    theme.register_fonts()
    marks = brand(settings.theme, asked.config)
    folder = asked.config.parent / wanted.copy_folder
    return LookupApp(settings, client, folder, printer, voice, template=layout, brand=marks, dump=asked.dump)


def display(settings: Kiosk, client: Client, asked: argparse.Namespace) -> Any:
    """A hall display."""
    wanted, hardware = _display_settings(settings, asked), Hardware(asked)
    settings = settings.model_copy(update={"display": wanted})
    prepare(wanted.width, wanted.height)
    voice = hardware.opened("display.voice", wanted.voice, Voice)
    signs = hardware.signs(wanted.signs)
    from kiosk import theme
    from kiosk.brand import brand
    from kiosk.display import Display
    from kiosk.window_display import WindowDisplay

    theme.register_fonts()
    marks = brand(settings.theme, asked.config)
    kind = WindowDisplay if len(wanted.windows) == 1 else Display
    return kind(settings, client, signs, (wanted.voice, voice) if voice else None, brand=marks, dump=asked.dump)


def _display_settings(settings: Kiosk, asked: argparse.Namespace) -> DisplaySettings:
    """Those of the display that was asked for. Raises ConfigError."""
    if not asked.name:
        return settings.display
    if asked.name not in settings.displays:
        known = ", ".join(sorted(settings.displays)) or "none"
        raise ConfigError(asked.config, [f"displays.{asked.name} is not in this file; it has: {known}"])
    return settings.display_named(asked.name)


class Hardware:
    """The devices of this terminal, by the names its settings use."""

    def __init__(self, asked: argparse.Namespace) -> None:
        self._file: Path = asked.devices or asked.config.parent / "devices.toml"
        self._known: Mapping[str, config.Device] | None = None  # read when first asked for one

    def opened(self, setting: str, name: str, role: Any) -> Any:
        """The device a setting names; None for an empty name. Raises ConfigError, SetupError."""
        if not name:
            return None
        if self._known is None:
            self._known = config.load_devices(self._file).devices
        if name not in self._known:
            known = ", ".join(sorted(self._known)) or "none"
            raise ConfigError(self._file, [f'{setting} names "{name}", which is not in this file; it has: {known}'])
        device = self._known[name]
        if registry.model(device.model).role is not role:
            fitting = ", ".join(sorted(one for one, model in registry.MODELS.items() if model.role is role))
            raise ConfigError(self._file, [f'{setting} names "{name}", a {device.model}; models for it: {fitting}'])
        options: dict[str, Any] = device.options
        return registry.open_device(device.model, device.url, **options)

    def signs(self, wanted: Sequence[SignSettings]) -> list[Any]:
        """The PlacedSigns of a display; those on one line share it. Raises ConfigError, SetupError."""
        from kiosk.outputs import PlacedSign

        lines: dict[str, Any] = {}
        placed = []
        for one in wanted:
            if one.device not in lines:
                lines[one.device] = self.opened("display.signs", one.device, CallSign)
            sign = lines[one.device].at(one.address)
            placed.append(PlacedSign(f"{one.device}/{one.address}", sign, frozenset(one.windows)))
        return placed


TERMINALS = {"ticket": ticket, "lookup": lookup, "display": display}
ABOUT = {
    "ticket": "gives numbers: a touch screen",
    "lookup": "says what to bring, how long it takes, what it costs: a touch screen",
    "display": "calls numbers: a hall screen",
}
TOKEN_OF = {
    "ticket": "kiosk",
    "lookup": "kiosk",
    "display": "display",
}  # terminal -> its role in a file with several tokens

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
