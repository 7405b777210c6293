"""Devices on the command line: list the models, check one, run a simulator, make the fonts, build or hear a voice."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from queue import Queue
from typing import Any

from devices import fontmaker
from devices.errors import DeviceError, SetupError
from devices.registry import MODELS, model, open_device, options_of
from devices.roles import Voice
from devices.serve import Bench, End, PtyEnd, TcpEnd
from devices.simulation import did_you_mean
from devices.voice import builder
from devices.voice.calls import Call, Spoken
from devices.voice.espeak import Espeak
from devices.voice.words import LANGUAGES

SETTINGS = Path("config/demo/devices.toml")
SIMULATOR_OPTIONS = ("out", "width", "characters", "signs")


def list_models(_: argparse.Namespace) -> int:
    for name, one in MODELS.items():
        print(f"{name:12} {one.about}")
    return 0


def check(arguments: argparse.Namespace) -> int:
    """0 if it works, 1 if not, 2 if the set-up is wrong."""
    if arguments.name:
        name, url, options = _from_settings(arguments.config, arguments.name)
    elif arguments.model and arguments.url:
        name, url, options = arguments.model, arguments.url, {}
    else:
        raise SetupError("say which one: check NAME, or check --model MODEL --url URL")
    device = open_device(name, url, **options)
    try:
        report = device.check()
    finally:
        device.close()
    print(f"{arguments.name or name} at {url}: {report.state}{report.detail and ', '}{report.detail}")
    return 0 if report.state.works else 1


def _from_settings(file: Path, name: str) -> tuple[str, str, dict[str, Any]]:
    """Model, URL and options of [devices.NAME]; config/ checks the rest of the file."""
    try:
        devices = tomllib.loads(file.read_text(encoding="utf-8")).get("devices", {})
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise SetupError(f"{file}: {error}") from error
    if name not in devices:
        raise SetupError(f'{file} has no device "{name}"{did_you_mean(name, tuple(devices))}')
    device = devices[name]
    try:
        return device["model"], device["url"], device.get("options", {})
    except KeyError as error:
        raise SetupError(f"{file}: devices.{name} has no {error}") from error


def simulate(arguments: argparse.Namespace) -> int:
    simulator = model(arguments.model).simulator(**_simulator_options(arguments))
    end: End = PtyEnd(arguments.pty) if arguments.pty else TcpEnd(arguments.port)
    bench = Bench(simulator, end, arguments.control)
    where = bench.open()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    signal.set_wakeup_fd(bench.wake)
    print("ready", where, flush=True)
    try:
        bench.run()
    finally:
        signal.set_wakeup_fd(-1)
    return 0


def _simulator_options(arguments: argparse.Namespace) -> dict[str, object]:
    """What was said of those some simulators have; SetupError if this one has it not."""
    options = {name: value for name in SIMULATOR_OPTIONS if (value := getattr(arguments, name)) is not None}
    if strange := options.keys() - options_of(model(arguments.model).simulator):
        raise SetupError(f"{arguments.model} has no --{min(strange)}")
    return options


def fonts(_: argparse.Namespace) -> int:
    fontmaker.make(lambda line: print(line, flush=True))
    return 0


def build_voice(arguments: argparse.Namespace) -> int:
    count = builder.build(arguments.out, Espeak(), lambda line: print(line, flush=True))
    print(f"{arguments.out}: {count} clips")
    return 0


def say(arguments: argparse.Namespace) -> int:
    """0 if it was heard, 1 if not."""
    try:
        call = Call(arguments.chinese, arguments.english, arguments.again)
    except ValueError as error:
        raise SetupError(str(error)) from error
    languages = LANGUAGES if call.english else LANGUAGES[:1]
    voice = open_device("voice", arguments.url, pack=arguments.pack, languages=languages)
    assert isinstance(voice, Voice)
    told: Queue[Spoken] = Queue()
    voice.say(call, told.put)
    spoken = told.get()
    voice.close()
    print(f"{spoken.seconds:.2f} s{spoken.problem and ', '}{spoken.problem}")
    return 1 if spoken.problem else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m devices", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    one = commands.add_parser("list", help="the models this project can drive")
    one.set_defaults(run=list_models)

    one = commands.add_parser("check", help="open a device and say how it is")
    one.add_argument("name", nargs="?", help="its name in the settings")
    one.add_argument("--config", type=Path, default=SETTINGS, help="devices.toml (default: the demo's)")
    one.add_argument("--model")
    one.add_argument("--url")
    one.set_defaults(run=check)

    one = commands.add_parser("simulate", help="be a device, on a pty or a TCP port")
    one.add_argument("model")
    place = one.add_mutually_exclusive_group(required=True)
    place.add_argument("--pty", type=Path, metavar="LINK", help="a symlink to the pty")
    place.add_argument("--port", type=int, metavar="N", help="a TCP port of this machine; 0: any free one")
    one.add_argument("--control", type=Path, metavar="PATH", help='a Unix socket that takes orders ("paper out")')
    one.add_argument("--out", type=Path, metavar="DIR", help="keep what it prints or shows here")
    one.add_argument("--width", type=int, choices=(80, 58), help="mm of paper (default: 80)")
    one.add_argument("--characters", choices=("gb2312", "gbk", "gb18030"), help="what its ROM holds (default: all)")
    one.add_argument("--signs", type=int, metavar="N", help="signs on the line, addresses from 1 (default: 1)")
    one.set_defaults(run=simulate)

    one = commands.add_parser("fonts", help="make the fonts of paper and screens from installed packages")
    one.set_defaults(run=fonts)

    _voice_commands(commands.add_parser("voice", help="build a voice pack, or hear a sentence"))
    return parser


def _voice_commands(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(required=True, metavar="WHAT")

    one = commands.add_parser("build", help="render a voice pack from espeak-ng")
    one.add_argument("--out", type=Path, metavar="DIR", required=True, help="its folder; a pack there is replaced")
    one.set_defaults(run=build_voice)

    one = commands.add_parser("say", help="speak a sentence and tell how long it was")
    one.add_argument("chinese", help='"请 A012 号到 3 号窗口办理。"')
    one.add_argument("english", nargs="?", default="", help='"Number A012, please go to Window 3."')
    one.add_argument("--again", action="store_true", help="as a recall: the chime twice")
    one.add_argument("--url", default="aplay://default", help="wav:///folder keeps it (default: aplay://default)")
    one.add_argument("--pack", default="", metavar="DIR", help="a voice pack (default: espeak-ng)")
    one.set_defaults(run=say)


def main(words: Sequence[str] | None = None) -> int:
    arguments = _parser().parse_args(words)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    try:
        return int(arguments.run(arguments))
    except (DeviceError, OSError) as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
