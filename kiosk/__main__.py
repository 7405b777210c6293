"""`python -m kiosk ticket | display`: one terminal of a hall."""

from __future__ import annotations

import argparse
import json
import logging
import signal
import sys
from pathlib import Path
from typing import Any

import config
from config import ConfigError, Devices, Kiosk
from devices.errors import SetupError
from kiosk.client import Client
from kiosk.kivy_setup import prepare

WRONG = 2  # exit code for a mistake the caller can mend
DEMO = Path(config.__file__).parent / "demo" / "kiosk.toml"


def main(arguments: list[str]) -> int:
    """Runs one terminal until it is ended; returns its exit code."""
    asked = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        settings = _settings(asked)
        token = read_token(Path(settings.token_file), TOKEN_OF[asked.terminal])
        app = TERMINALS[asked.terminal](settings, Client(settings.server, settings.hall, token), asked)
    except (ConfigError, SetupError) as error:
        print(error, file=sys.stderr)
        return WRONG
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, lambda *_: app.stop())
    app.run()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kiosk", description="A terminal of a service hall.")
    terminals = parser.add_subparsers(dest="terminal", required=True, metavar="TERMINAL")
    for name, about in (("ticket", "gives numbers: a touch screen"), ("display", "calls numbers: a hall screen")):
        one = terminals.add_parser(name, help=about)
        one.add_argument("--config", type=Path, default=DEMO, metavar="FILE", help="kiosk.toml; else the demo's")
        one.add_argument("--server", metavar="URL", help="instead of the one in kiosk.toml")
        one.add_argument("--token-file", metavar="FILE", help="instead of the one in kiosk.toml")
        one.add_argument("--devices", type=Path, metavar="FILE", help="devices.toml; else the one beside kiosk.toml")
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


def ticket(settings: Kiosk, client: Client, asked: argparse.Namespace) -> Any:
    """The ticket kiosk."""
    from devices import registry

    wanted = settings.ticket
    prepare(wanted.width, wanted.height)
    file = asked.devices or asked.config.parent / "devices.toml"

    def opened(setting: str, name: str) -> Any:
        """The device a setting of [ticket] names; None for an empty name."""
        if not name:
            return None
        device = find_device(config.load_devices(file), setting, name, file)
        options: dict[str, Any] = device.options
        return registry.open_device(device.model, device.url, **options)

    printer, reader = opened("printer", wanted.printer), opened("reader", wanted.reader)
    from kiosk import theme
    from kiosk.app import TicketApp

    theme.register_fonts()
    return TicketApp(settings, client, printer, reader, dump=asked.dump)


def display(settings: Kiosk, client: Client, asked: argparse.Namespace) -> Any:
    """The hall display."""
    prepare(settings.display.width, settings.display.height)
    from kiosk import theme
    from kiosk.display import Display

    theme.register_fonts()
    return Display(settings, client, dump=asked.dump)


def find_device(devices: Devices, setting: str, name: str, file: Path) -> config.Device:
    """The device of that name. Raises ConfigError."""
    if name not in devices.devices:
        known = ", ".join(sorted(devices.devices)) or "none"
        raise ConfigError(file, [f'ticket.{setting} names "{name}", which is not in this file; it has: {known}'])
    return devices.devices[name]


TERMINALS = {"ticket": ticket, "display": display}
TOKEN_OF = {"ticket": "kiosk", "display": "display"}  # terminal -> its role in a file with several tokens

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
