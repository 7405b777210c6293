"""`./hall demo`: a whole hall on this machine, with a clerk who calls now and then, until Ctrl-C."""

from __future__ import annotations

import argparse
import random
import signal
import sys
import threading
import time
from pathlib import Path

import httpx

from tests.system.rig import ROOT, Api, Hall, NotReady
from tests.system.view import Viewer

SERVE_SECONDS = (6.0, 20.0)  # how long the demo's clerks take; short, so that something happens
ARRIVALS = (5.0, 14.0)


class Clerk(threading.Thread):
    """Clerks and citizens of a quiet morning: tickets are taken, called, served; some do not come."""

    def __init__(self, hall: Hall, seed: int = 7) -> None:
        super().__init__(daemon=True)
        self.hall, self.rng, self.stop = hall, random.Random(seed), threading.Event()

    def run(self) -> None:
        with self.hall.api("window") as clerk, self.hall.api("kiosk") as citizen:
            hall = citizen.get("/halls/linjiang")
            items = [item["id"] for line in hall["lines"] for item in line["items"]]
            windows = [window["no"] for window in hall["windows"]]
            busy: dict[int, float] = {}
            arrival = 0.0
            while not self.stop.wait(0.5):
                try:
                    if time.monotonic() >= arrival:
                        citizen.issue(self.rng.choice(items))
                        arrival = time.monotonic() + self.rng.uniform(*ARRIVALS)
                    self._work(clerk, windows, busy)
                except httpx.HTTPError:
                    pass  # the server is away: a clerk waits and tries again, and so do we

    def _work(self, clerk: Api, windows: list[int], busy: dict[int, float]) -> None:
        for no in windows:
            if busy.get(no, 0) > time.monotonic():
                continue
            state = clerk.get(f"/halls/linjiang/windows/{no}")
            if state["ticket"] and state["ticket"]["state"] == "called":
                clerk.window(no, "start")
                busy[no] = time.monotonic() + self.rng.uniform(*SERVE_SECONDS)
                continue
            if state["ticket"]:
                clerk.window(no, "finish")
            if state["state"] == "closed":
                clerk.window(no, "open")
            if self.rng.random() < 0.15 and clerk.window(no, "next"):
                busy[no] = time.monotonic() + 5  # the walk to the window


def tell(hall: Hall, viewer: Viewer) -> str:
    """Where everything is, for the person who started the demo."""
    screens = ", ".join(f"{name} {terminal.screen.display}" for name, terminal in hall.screens.items())
    rows = {
        "look": f"{viewer.url}  all screens live in your browser: touch, lay a card, pull a plug",
        "console": f"{hall.url}/console/enter#token={hall.tokens['window']}&window=3  a clerk's console, signed in",
        "server": f"{hall.url}/docs  the API; tokens in {hall.data / 'demo-tokens.json'}",
        "voice": f"{hall.voice}  every call as it was spoken; the page above plays them",
        "paper": f"{hall.printer.out}  every printed ticket as a picture",
        "X": f"{screens}  the virtual screens themselves",
        "logs": f"{hall.folder}",
    }
    listed = "\n".join(f"  {name:9}{what}" for name, what in rows.items())
    return f"\nThe hall is open. 一窗已开门。\n{listed}\nCtrl-C ends all.\n"


def main() -> int:
    parser = argparse.ArgumentParser(prog="./hall demo", description=__doc__)
    parser.add_argument("--port", type=int, default=8090, help="the server's port (8090)")
    parser.add_argument("--view-port", type=int, default=8091, help="port of the page that shows the screens (8091)")
    parser.add_argument("--data", type=Path, default=ROOT / "out" / "demo", help="folder kept between runs")
    parser.add_argument("--no-clerk", action="store_true", help="nobody calls: you are the clerk")
    asked = parser.parse_args()
    ended = threading.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, lambda *_: ended.set())
    print("Opening the hall …", flush=True)
    try:
        with Hall(asked.data, port=asked.port) as hall, Viewer(hall, asked.view_port) as viewer:
            for name, terminal in hall.screens.items():
                terminal.wait(f"the {name} terminal to show something", lambda shown: shown["texts"], 60)
            if not asked.no_clerk:
                Clerk(hall).start()
            print(tell(hall, viewer), flush=True)
            supervise(hall, ended)
            print("Closing the hall …", flush=True)
    except (NotReady, OSError) as error:
        print(f"The hall could not open: {error}", file=sys.stderr)
        return 1
    return 0


def supervise(hall: Hall, ended: threading.Event) -> None:
    """Starts the server again if somebody kills it, as a hall's service manager would."""
    while not ended.wait(1):
        server = hall.parts["server"].process
        if server.poll() is not None:
            print(f"The server ended ({server.returncode}); starting it again.", flush=True)
            time.sleep(2)
            hall.serve()


if __name__ == "__main__":
    sys.exit(main())
