"""`python -m devices` as a process: the simulator with its control socket, and check."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from devices.errors import DeviceOffline, DeviceRefused
from devices.health import Health
from devices.registry import open_device
from tests.devices.rigs import Control
from tests.devices.samples import URL, ticket

ROOT = Path(__file__).parents[2]


def command(*words: str | Path) -> list[str]:
    return [sys.executable, "-m", "devices", *map(str, words)]


@contextmanager
def simulator(*words: str | Path, end: signal.Signals = signal.SIGTERM) -> Iterator[str]:
    """Runs one; gives where it can be reached; it must end cleanly."""
    process = subprocess.Popen(
        command("simulate", "escpos", *words), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    ready = process.stdout.readline()
    assert ready.startswith("ready "), process.communicate()[1]
    try:
        yield ready.split()[1]
    finally:
        process.send_signal(end)
        rest, errors = process.communicate(timeout=10)
        assert (process.returncode, rest, errors) == (0, "", "")


def test_a_printer_on_a_pty_with_its_switches(tmp_path: Path) -> None:
    link, control_path, out = tmp_path / "printer", tmp_path / "control", tmp_path / "out"
    with simulator("--pty", link, "--control", control_path, "--out", out, "--width", "58") as where:
        assert where == str(link)
        control = Control(control_path)
        printer = open_device("escpos", where, width=58, paper="text")
        printer.print(ticket())  # type: ignore[attr-defined]
        printer.close()
        printer.print(ticket())  # type: ignore[attr-defined]
        assert sorted(file.name for file in out.iterdir()) == [
            "0001.bin", "0001.png", "0001.txt", "0002.bin", "0002.png", "0002.txt",
        ]  # fmt: skip
        with Image.open(out / "0002.png") as picture:
            assert [code.text for code in zxingcpp.read_barcodes(picture)] == [URL]
        assert "职工参保登记" in (out / "0002.txt").read_text(encoding="utf-8").splitlines()
        assert (out / "0001.bin").read_bytes() == (out / "0002.bin").read_bytes()

        assert control.tell("paper out").startswith("ok paper out, cover closed")
        with pytest.raises(DeviceRefused, match="paper out"):
            printer.print(ticket())  # type: ignore[attr-defined]
        assert control.tell("paper ok").startswith("ok paper ok")
        assert control.tell("unplug") == "ok unplugged"
        assert not link.exists()
        assert printer.check().state is Health.ABSENT
        assert control.tell("state").endswith("printed 2, unplugged")
        assert control.tell("plug") == "ok plugged"
        assert printer.check().state is Health.READY
        assert control.tell("papr out") == 'error "papr" is no switch; did you mean "paper"?'
        assert control.tell("paper gone") == 'error "paper gone" is unknown; say paper ok | near_end | out'
        assert control.tell("slow quick") == 'error "slow quick": say slow and a number'
        control.close()
        printer.close()
    assert not link.is_symlink() and not control_path.exists()


def test_a_printer_on_a_port_keeps_its_number_and_goes_on_counting(tmp_path: Path) -> None:
    (tmp_path / "0041.png").touch()
    with simulator("--port", "0", "--out", tmp_path, "--control", tmp_path / "c", end=signal.SIGINT) as where:
        control = Control(tmp_path / "c")
        printer = open_device("escpos", f"socket://{where}")
        control.tell("unplug")
        with pytest.raises(DeviceOffline):
            printer.print(ticket())  # type: ignore[attr-defined]
        control.tell("plug")
        printer.print(ticket())  # type: ignore[attr-defined]
        assert (tmp_path / "0042.png").exists()
        control.close()
        printer.close()


def test_a_link_left_by_a_crash_is_replaced(tmp_path: Path) -> None:
    link = tmp_path / "printer"
    link.symlink_to("/dev/pts/999999")
    with simulator("--pty", link):
        assert os.path.realpath(link).startswith("/dev/pts/")
        assert open_device("escpos", str(link)).check().state is Health.READY


def test_check_says_how_a_device_is_and_ends_accordingly(tmp_path: Path) -> None:
    def check(*words: str | Path) -> tuple[int, str]:
        done = subprocess.run(command("check", *words), cwd=ROOT, capture_output=True, text=True)
        assert "Traceback" not in done.stderr
        return done.returncode, done.stdout + done.stderr

    settings = tmp_path / "devices.toml"
    settings.write_text('[devices.printer]\nmodel = "escpos"\nurl = "sim://escpos?paper=near_end"\n')
    assert check("printer", "--config", settings) == (
        0, "printer at sim://escpos?paper=near_end: warning, paper near end\n",
    )  # fmt: skip
    assert check("--model", "escpos", "--url", "/dev/nope")[0] == 1
    assert check("pinter", "--config", settings) == (
        2, f'{settings} has no device "pinter"; did you mean "printer"?\n',
    )  # fmt: skip
    assert check() == (2, "say which one: check NAME, or check --model MODEL --url URL\n")
