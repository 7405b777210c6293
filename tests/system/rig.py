"""A whole hall on this machine: virtual screens, a simulated printer on a pty, the server, a kiosk and a display.

Every part is its own process, started as a hall would start it; nothing here imports the product. `Hall` is a context
manager: what it started is gone afterwards, whatever happened.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, TypeVar

import httpx
from PIL import Image, ImageGrab

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "config" / "demo"
HALL = "linjiang"
UI_SETTINGS = ("KIVY_", "KCFG_", "SDL_")
FACILITIES = (  # two are enough to look at; the demo's own settings list more
    '  { icon = "armchair", name = { zh = "休息区" }, where = { zh = "A、B、C 三个区都有座位。" } },\n'
    '  { icon = "drop", name = { zh = "饮水" }, where = { zh = "A 区和 C 区的柱子旁。" } },\n'
)
Found = TypeVar("Found")


class NotReady(Exception):
    """A part of the hall did not do what it should have in time; says which, and the end of its log."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(what: str, look: Callable[[], Found | None], seconds: float = 20) -> Found:
    """What `look` finds, as soon as it finds something true. Raises NotReady."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.02)
    raise NotReady(f"waited {seconds:.0f} s for {what}")


@dataclass
class Part:
    """A process of the hall with its log."""

    name: str
    process: subprocess.Popen[str]
    log: Path

    def line(self, starts: str, seconds: float = 30) -> str:
        """The first line of its output that starts so."""

        def look() -> str | None:
            if self.process.poll() is not None:
                raise NotReady(f"{self.name} ended with {self.process.returncode}:\n{self.tail()}")
            return next((one for one in self.log.read_text("utf-8").splitlines() if one.startswith(starts)), None)

        try:
            return wait_for(f"{self.name} to say {starts!r}", look, seconds)
        except NotReady as error:
            raise NotReady(f"{error}; its log ends:\n{self.tail()}") from None

    def tail(self) -> str:
        return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-15:])

    def kill(self, how: signal.Signals = signal.SIGTERM) -> None:
        """To the whole process group, so that workers go too."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, how)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


WAKE = "begin"  # the invitation over the whole screen


@dataclass
class Screen:
    """A virtual screen: what it shows, and a finger on it."""

    display: str

    def picture(self) -> Image.Image:
        return ImageGrab.grab(xdisplay=self.display)

    def touch(self, x: float, y: float) -> float:
        """Press and let go at a point, px from the top left. Returns the moment of the press, seconds since epoch."""
        move = ["xdotool", "mousemove", str(round(x)), str(round(y))]
        subprocess.run(move, env=self.env, check=True)
        at = time.time()
        subprocess.run(["xdotool", "mousedown", "1", "sleep", "0.05", "mouseup", "1"], env=self.env, check=True)
        return at

    @property
    def env(self) -> dict[str, str]:
        return {**os.environ, "DISPLAY": self.display}


@dataclass
class Terminal:
    """A running kiosk or display: its screen and what it says it shows."""

    screen: Screen
    dump: Path

    def shows(self) -> dict[str, Any]:
        """The terminal's own account: screen, lang, rects, texts, state. Empty until there is one."""
        try:
            account: dict[str, Any] = json.loads(self.dump.read_text("utf-8"))
        except (FileNotFoundError, json.JSONDecodeError):
            return {}
        return account

    def wait(self, what: str, look: Callable[[dict[str, Any]], Any], seconds: float = 15) -> dict[str, Any]:
        """The first account for which `look` is true. Where a terminal only invites, it is touched first."""

        def found() -> dict[str, Any] | None:
            account = self.shows()
            if WAKE in account.get("rects", ()):
                x, y, w, h = account["rects"][WAKE]
                self.screen.touch(x + w / 2, y + h / 2)
                with contextlib.suppress(NotReady):  # a touch while screens change is nobody's: once more
                    wait_for("it to wake", lambda: WAKE not in self.shows().get("rects", (WAKE,)), 3)
                return None
            return account if account and look(account) else None

        try:
            return wait_for(what, found, seconds)
        except NotReady as error:
            seen = {key: self.shows().get(key) for key in ("screen", "lang", "state", "texts")}
            raise NotReady(f"{error}; it shows {seen}") from None

    def settled(self, what: str, look: Callable[[dict[str, Any]], Any], seconds: float = 15) -> dict[str, Any]:
        """As wait, but with the layout at rest: two accounts in a row agree."""
        self.wait(what, look, seconds)
        before = self.shows()

        def same(account: dict[str, Any]) -> bool:
            nonlocal before
            rest = account["n"] != before.get("n") and account["rects"] == before.get("rects")
            before = account if account["n"] != before.get("n") else before
            return rest and bool(look(account))

        return self.wait(f"{what}, at rest", same, seconds)

    def touch(self, testid: str) -> float:
        """A finger on the middle of a widget. Returns the moment of the press, seconds since epoch."""
        account = self.settled(f"something to touch called {testid}", lambda shown: testid in shown["rects"])
        x, y, w, h = account["rects"][testid]
        return self.screen.touch(x + w / 2, y + h / 2)


@dataclass
class Simulated:
    """A simulated device: its line, what it did (in `out`), and its faults."""

    model: str
    folder: Path
    wire: str = "pty"
    options: tuple[str, ...] = ()
    name: str = ""  # its own, where there is another of its model
    url: str = ""  # what a driver opens, once it is plugged in

    @property
    def out(self) -> Path:
        return self.folder / (self.name or self.model)

    @property
    def control(self) -> Path:
        return self.folder / f"{self.name or self.model}.sock"

    def command(self) -> list[str]:
        """Starts it; afterwards `url` is where it is."""
        link, port = self.folder / f"{self.name or self.model}-line", free_port()
        ends = {"pty": ["--pty", str(link)], "tcp": ["--port", str(port)]}
        self.url = {"pty": str(link), "tcp": f"socket://127.0.0.1:{port}"}[self.wire]
        self.out.mkdir(exist_ok=True)
        kept = ["--out", str(self.out)] if self.model != "sdt" else []  # a reader makes nothing
        return [sys.executable, "-m", "devices", "simulate", self.model, *ends[self.wire], *kept,
                "--control", str(self.control), *self.options]  # fmt: skip

    def say(self, command: str) -> str:
        """A fault switched on or off; the simulator's answer. Raises NotReady if it refuses."""
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(str(self.control))
            line.sendall(command.encode() + b"\n")
            answer = line.makefile(encoding="utf-8").readline().strip()
        if not answer.startswith("ok"):
            raise NotReady(f"the {self.model} simulator answered {answer!r} to {command!r}")
        return answer

    def tickets(self) -> list[Path]:
        """Pictures of the tickets a printer cut, oldest first."""
        return sorted(self.out.glob("*.png"))

    def shown(self) -> dict[int, str]:
        """What the signs of a line show in their first line, by address; read from the bytes they were sent."""
        try:
            rows = [one.split("\t") for one in (self.out / "shown.txt").read_text("utf-8").splitlines()]
        except FileNotFoundError:
            return {}
        return {int(address): text for address, area, text in rows if area == "0"}


@dataclass
class Hall:
    """The running hall. `folder` keeps its data, logs and papers."""

    folder: Path
    terminals: tuple[str, ...] = ("ticket", "lookup", "display")
    idle_home: int = 60
    port: int = 0
    wire: str = "pty"  # or "tcp": what the devices hang on
    voice_url: str = ""  # else into folder/voice, as fast as it goes
    parts: dict[str, Part] = field(default_factory=dict)
    screens: dict[str, Terminal] = field(default_factory=dict)
    _logs: list[IO[str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.printer = Simulated("escpos", self.folder, self.wire)
        self.lookup_printer = Simulated("escpos", self.folder, self.wire, name="lookup-printer")
        self.reader = Simulated("sdt", self.folder, self.wire)
        self.signs = Simulated("onbon", self.folder, self.wire, ("--signs", "2"))

    def __enter__(self) -> Hall:
        try:
            self._open()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def voice(self) -> Path:
        """What was spoken: NNNN.wav, and its words in NNNN.txt."""
        return self.folder / "voice"

    @property
    def read_aloud(self) -> Path:
        """What the lookup terminal read aloud, likewise."""
        return self.folder / "read-aloud"

    @property
    def tokens(self) -> dict[str, str]:
        found: dict[str, str] = json.loads((self.data / "demo-tokens.json").read_text("utf-8"))
        return found

    def _open(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = self.port or free_port()
        self.serve()
        self.voice.mkdir(exist_ok=True)
        self.read_aloud.mkdir(exist_ok=True)
        for device in (self.printer, self.lookup_printer, self.reader, self.signs):
            self.start(device.name or device.model, device.command()).line("ready ")
        self._write_settings()
        for name in self.terminals:
            self.start_terminal(name)

    def serve(self) -> None:
        """Starts the server and waits until it answers."""
        where = ["--host", "127.0.0.1", "--port", str(self.port)]
        files = ["--config", str(DEMO / "hall.toml"), "--data", str(self.data)]
        self.start("server", [sys.executable, "-m", "queue_server", "serve", *files, *where, "--demo"]).line("ready ")

    def start_terminal(self, name: str) -> Terminal:
        """A kiosk or display on a virtual screen of its own."""
        size = {"ticket": "1080x1920x24", "lookup": "1080x1920x24", "display": "1920x1080x24"}[name]
        reader, writer = os.pipe()
        self.start(
            f"screen-{name}",
            ["Xvfb", "-displayfd", str(writer), "-screen", "0", size, "-nolisten", "tcp", "-noreset"],
            pass_fds=(writer,),
        )
        os.close(writer)
        with os.fdopen(reader) as told:
            number = told.readline().strip()
        if not number:
            raise NotReady(f"Xvfb did not start:\n{self.parts[f'screen-{name}'].tail()}")
        terminal = Terminal(Screen(f":{number}"), self.folder / f"{name}.json")
        terminal.dump.unlink(missing_ok=True)
        self.start(
            name,
            [sys.executable, "-m", "kiosk", name, "--config", str(self.folder / "kiosk.toml"),
             "--devices", str(self.folder / "devices.toml"), "--dump", str(terminal.dump)],
            env=terminal.screen.env,
        )  # fmt: skip
        self.screens[name] = terminal
        return terminal

    def _write_settings(self) -> None:
        """Reception (windows 1 to 6) has one sign, the other windows another; both hang on one line."""
        voice = self.voice_url or f"wav://{self.voice}?pace=0"
        (self.folder / "devices.toml").write_text(
            f'[devices.printer]\nmodel = "escpos"\nurl = "{self.printer.url}"\n'
            f'[devices.lookup-printer]\nmodel = "escpos"\nurl = "{self.lookup_printer.url}"\n'
            f'[devices.read-aloud]\nmodel = "voice"\nurl = "wav://{self.read_aloud}?pace=0"\n'
            'options = { languages = ["zh", "en"] }\n'
            f'[devices.reader]\nmodel = "sdt"\nurl = "{self.reader.url}"\n'
            f'[devices.sign]\nmodel = "onbon"\nurl = "{self.signs.url}"\noptions = {{ width = 192 }}\n'
            f'[devices.voice]\nmodel = "voice"\nurl = "{voice}"\noptions = {{ languages = ["zh", "en"] }}\n',
            "utf-8",
        )
        (self.folder / "kiosk.toml").write_text(
            f'server = "{self.url}"\nhall = "{HALL}"\ntoken_file = "{self.data / "demo-tokens.json"}"\n'
            f'[ticket]\nprinter = "printer"\nreader = "reader"\nidle_home = {self.idle_home}\n'
            f'[lookup]\nprinter = "lookup-printer"\nvoice = "read-aloud"\nidle_home = {self.idle_home}\n'
            f'copy_folder = "{self.folder / "guides-copy"}"\nfacilities = [\n{FACILITIES}]\n'
            '[display]\nvoice = "voice"\nsigns = [\n'
            '  { device = "sign", address = 1, windows = [1, 2, 3, 4, 5, 6] },\n'
            '  { device = "sign", address = 2, windows = [7, 8, 9, 10, 11, 12] },\n]\n',
            "utf-8",
        )

    def start(self, name: str, command: list[str], **how: Any) -> Part:
        """A part in a process group of its own, its output in folder/NAME.log."""
        log = self.folder / f"{name}.log"
        stream = log.open("w", encoding="utf-8")
        self._logs.append(stream)
        # what in-process screen tests told Kivy and SDL (draw on no screen) is not for these processes
        env = {name: value for name, value in how.pop("env", os.environ).items() if not name.startswith(UI_SETTINGS)}
        how["env"] = {**env, "SDL_AUDIODRIVER": "dummy", "PYTHONUNBUFFERED": "1"}
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=stream, stderr=subprocess.STDOUT, text=True, start_new_session=True, **how
        )
        self.parts[name] = Part(name, process, log)
        return self.parts[name]

    def close(self) -> None:
        """Ends every part, terminals first."""
        for part in reversed(list(self.parts.values())):
            part.kill()
        for stream in self._logs:
            stream.close()

    @contextlib.contextmanager
    def api(self, role: str) -> Iterator[Api]:
        """The HTTP API as someone with this role."""
        headers = {"Authorization": f"Bearer {self.tokens[role]}"}
        with httpx.Client(base_url=f"{self.url}/api/v1", headers=headers, timeout=10, trust_env=False) as client:
            yield Api(client)


class Api:
    """The API, one key for each change."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client

    def get(self, path: str) -> Any:
        return self.client.get(path).raise_for_status().json()

    def post(self, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        """The answer, whatever its status; the caller looks."""
        return self.client.post(path, json=body or {}, headers={"Idempotency-Key": uuid.uuid4().hex})

    def do(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """The answer's JSON, None for 204; raises on a refusal."""
        answer = self.post(path, body)
        answer.raise_for_status()
        return answer.json() if answer.status_code != 204 else None

    def window(self, no: int, action: str, body: dict[str, Any] | None = None) -> Any:
        return self.do(f"/halls/{HALL}/windows/{no}/{action}", body)

    def issue(self, item: str) -> Any:
        return self.do(f"/halls/{HALL}/tickets", {"item": item, "source": "counter", "lang": "zh"})

    def board(self) -> Any:
        return self.get(f"/halls/{HALL}/board")
