"""Starting a terminal: settings, token, devices; mistakes end in one sentence, and the real programs run together."""

import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

import kiosk.__main__ as program
from config import ConfigError
from kiosk.answers import Elderly
from kiosk.client import AlreadyHeld, Client, new_key
from kiosk.kivy_setup import OFFSCREEN

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "config" / "demo"


def test_a_token_is_text_or_the_role_s_in_json(tmp_path):
    file = tmp_path / "token"
    file.write_text("abc\n")
    assert program.read_token(file, "kiosk") == "abc"
    file.write_text(json.dumps({"kiosk": "k", "display": "d"}))
    assert program.read_token(file, "display") == "d"


@pytest.mark.parametrize("text", ["{}", "{broken"])
def test_a_file_without_the_role_says_so(tmp_path, text):
    file = tmp_path / "token"
    file.write_text(text)
    with pytest.raises(ConfigError, match='no token for "kiosk"'):
        program.read_token(file, "kiosk")


def test_a_missing_token_file_is_one_sentence(tmp_path, capsys):
    assert program.main(["ticket", "--token-file", str(tmp_path / "none")]) == 2
    assert capsys.readouterr().err.strip().endswith("token_file cannot be read: No such file or directory")


def test_a_printer_that_is_not_in_devices_toml_is_one_sentence(tmp_path, capsys):
    (tmp_path / "token").write_text("t")
    (tmp_path / "devices.toml").write_text("[devices]\n")
    asked = ["ticket", "--token-file", str(tmp_path / "token"), "--devices", str(tmp_path / "devices.toml")]
    assert program.main(asked) == 2
    assert 'ticket.printer names "printer"' in capsys.readouterr().err


def test_a_reader_that_is_not_in_devices_toml_is_one_sentence(tmp_path, capsys):
    (tmp_path / "token").write_text("t")
    (tmp_path / "devices.toml").write_text('[devices.printer]\nmodel = "escpos"\nurl = "sim://escpos"\n')
    asked = ["ticket", "--token-file", str(tmp_path / "token"), "--devices", str(tmp_path / "devices.toml")]
    assert program.main(asked) == 2
    assert 'ticket.reader names "reader"' in capsys.readouterr().err


def test_an_unknown_setting_is_one_sentence(tmp_path, capsys):
    (tmp_path / "kiosk.toml").write_text((DEMO / "kiosk.toml").read_text("utf-8").replace("machine", "machina"))
    assert program.main(["ticket", "--config", str(tmp_path / "kiosk.toml")]) == 2
    assert "did you mean" in capsys.readouterr().err


@pytest.mark.parametrize("terminal", ["ticket", "lookup"])
def test_a_ticket_layout_that_cannot_be_used_stops_the_start(tmp_path, capsys, terminal):
    (tmp_path / "kiosk.toml").write_text((DEMO / "kiosk.toml").read_text("utf-8"))
    (tmp_path / "token").write_text("t")
    layout = (DEMO / "ticket.toml").read_text("utf-8")
    (tmp_path / "ticket.toml").write_text(layout.replace('"number"', '"nubmer"', 1))
    asked = [terminal, "--config", str(tmp_path / "kiosk.toml"), "--token-file", str(tmp_path / "token")]
    assert program.main(asked) == 2
    said = f"{tmp_path / 'ticket.toml'}: normal.3.block: no block is called 'nubmer'; did you mean 'number'?\n"
    assert capsys.readouterr().err == said


# -- the real programs -----------------------------------------------------------------------------------------------


class Part:
    """A process with its log; ended after the test."""

    def __init__(self, folder, name, *command):
        self.log = folder / f"{name}.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *command], cwd=ROOT, stdout=log, stderr=log, env={**os.environ, **OFFSCREEN}
            )

    def wait(self, what, look, seconds=40):
        end = time.monotonic() + seconds
        while not (found := look()):
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < end, f"waited for {what}:\n{self.log.read_text()}"
            time.sleep(0.05)
        return found

    def says(self, beginning):
        lines = self.log.read_text().splitlines()
        return next((line for line in lines if line.startswith(beginning)), None)

    def end(self):
        self.process.terminate()
        self.process.wait(15)


@pytest.fixture
def part(tmp_path):
    parts = []

    def start(name, *command):
        parts.append(Part(tmp_path, name, *command))
        return parts[-1]

    yield start
    for one in reversed(parts):
        one.end()


def shown(file):
    try:
        return json.loads(file.read_text("utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return {}


def test_the_real_server_and_the_real_kiosk(part, tmp_path):
    data = tmp_path / "data"
    config = ["--config", str(DEMO / "hall.toml"), "--data", str(data)]
    server = part("server", "queue_server", "serve", *config, "--port", "0", "--demo")
    url = server.wait("the server", lambda: server.says("ready ")).split()[1]
    tokens = data / "demo-tokens.json"
    dump = tmp_path / "shown.json"
    asked = ["--server", url, "--token-file", str(tokens), "--dump", str(dump)]
    kiosk = part("kiosk", "kiosk", "ticket", *asked)
    kiosk.wait("home", lambda: shown(dump).get("screen") == "home" and shown(dump)["state"]["server"] == "here")
    kiosk.wait("the printer", lambda: shown(dump)["state"]["printer"] == "ready")
    kiosk.wait("the reader", lambda: shown(dump)["state"]["reader"] == "ready")
    kiosk.wait("the tiles", lambda: "line-social" in shown(dump)["rects"])  # the screen has slid in
    account = shown(dump)
    assert account["lang"] == "zh"
    assert {"line-social", "lang", "help"} <= set(account["rects"])
    assert "home" not in account["rects"]
    assert "临江市政务服务中心" in account["texts"]
    assert abs(account["at"] - time.time()) < 5

    client = Client(url, "linjiang", program.read_token(tokens, "kiosk"))
    key = new_key()
    ticket = client.issue("employee-enrolment", "zh", key)
    assert client.issue("employee-enrolment", "zh", key) == ticket
    assert ticket.ahead == 0
    assert client.ticket(ticket.id).number == ticket.number
    client.printed(ticket.id, True, False, new_key())
    client.help("1", new_key())
    client.heartbeat("1", {"printer": ("ready", "")}, new_key())
    about = {"class": "elderly", "card_token": "0" * 64, "masked_name": "张*三"}
    known = client.issue("passport", "zh", new_key(), about)
    with pytest.raises(AlreadyHeld) as held:
        client.issue("id-card", "zh", new_key(), about)
    assert held.value.ticket.number == known.number
    assert len(client.day_key(datetime.now(UTC)).key) == 32
    assert client.hall().elderly == Elderly(60, 15)
    assert client.hall().promise.care == 45
    assert client.board().lines["social"].waiting == 1
    client.close()
    kiosk.wait("the tile to count", lambda: "等候 1 人" in shown(dump)["texts"])
    server.end()
    kiosk.wait("away", lambda: shown(dump)["state"]["server"] == "away")
    assert "Traceback" not in kiosk.log.read_text()
