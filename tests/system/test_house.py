"""The whole house, as a newcomer starts it: the tour's every check, and a demo whose server is killed."""

import json
import os
import re
import signal
import subprocess
import sys
import time

import httpx
import psutil
import pytest

from tests.system.rig import ROOT, free_port, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


def walked(out, *options):
    """The tour as a program; its report. Every check must have held."""
    command = [sys.executable, "-m", "tests.system.tour", "--out", str(out), *options]
    tour = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert (out / "report.json").exists(), tour.stdout + tour.stderr
    report = json.loads((out / "report.json").read_text("utf-8"))
    failed = [step for step in report["steps"] if step["error"] or not all(step["checked"].values())]
    assert report["held"] and not failed and tour.returncode == 0, failed
    return report


def test_every_check_of_the_tour_holds(tmp_path):
    report = walked(tmp_path / "tour")
    times = {name for step in report["steps"] for name in step["times_ms"]}
    assert {"tap→ticket", "tap→last byte", "next→screen", "next→sign", "next→voice"} <= times
    assert len(report["steps"]) == 17


def test_devices_on_tcp_lines_do_the_same(tmp_path):
    assert len(walked(tmp_path / "tour", "--wire", "tcp", "--devices")["steps"]) == 9


def test_the_demo_opens_survives_a_killed_server_and_leaves_nothing_behind(tmp_path):
    port, view = free_port(), free_port()
    command = [sys.executable, "-m", "tests.system.demo", "--port", str(port), "--view-port", str(view)]
    with (tmp_path / "demo.log").open("w+") as log:
        demo = subprocess.Popen([*command, "--data", str(tmp_path / "demo")], cwd=ROOT, stdout=log, stderr=log)
        try:
            board = f"http://127.0.0.1:{port}/api/v1/halls/linjiang/board"
            said = wait_for("the demo's words", lambda: opened((tmp_path / "demo.log").read_text("utf-8")), 90)
            tokens = json.loads((tmp_path / "demo" / "data" / "demo-tokens.json").read_text("utf-8"))
            assert httpx.get(f"http://127.0.0.1:{view}/ticket.jpg").headers["content-type"] == "image/jpeg", said
            me = {"Authorization": f"Bearer {tokens['display']}"}
            wait_for("the clerk's first calls", lambda: httpx.get(board, headers=me).json()["calls"], 60)
            server = next(p for p in psutil.Process(demo.pid).children() if "queue_server" in " ".join(p.cmdline()))
            before = httpx.get(board, headers=me).json()["seq"]
            os.killpg(server.pid, signal.SIGKILL)
            wait_for("the server back", lambda: answers(board, me), 30)
            assert httpx.get(board, headers=me).json()["seq"] >= before
            assert json.loads((tmp_path / "demo" / "data" / "demo-tokens.json").read_text("utf-8")) == tokens
        finally:
            children = psutil.Process(demo.pid).children(recursive=True)
            demo.send_signal(signal.SIGINT)
            assert demo.wait(30) == 0
    assert psutil.wait_procs(children, 5)[1] == []


def opened(said: str) -> str | None:
    return said if re.search("The hall is open", said) else None


def answers(url: str, headers: dict[str, str]) -> bool:
    try:
        return httpx.get(url, headers=headers).status_code == 200
    except httpx.HTTPError:
        time.sleep(0.1)
        return False
