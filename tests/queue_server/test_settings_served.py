"""Settings of a hall that is served, over the wire and by command; what was answered is there after a kill."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import threading
import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from httpx_sse import connect_sse

from config import load_hall
from queue_server.store.queries import Reading
from queue_server.store.store import DATABASE, open_reader
from tests.queue_server.helpers import CONFIG, HALL, ROOT, Served, serving

PATH = f"/halls/{HALL}/settings"


def key() -> dict[str, str]:
    return {"Idempotency-Key": uuid.uuid4().hex}


def change(client: httpx.Client, changes: Mapping[str, Any], **more: Any) -> httpx.Response:
    return client.patch(PATH, json={"changes": changes, **more}, headers=key())


def command(*words: object, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "queue_server", *map(str, words)],
        cwd=ROOT, env=os.environ | (env or {}), capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def edited(folder: Path, **changes: tuple[str, str]) -> Path:
    """The demo's hall.toml with some texts replaced."""
    text = CONFIG.read_text("utf-8")
    for old, new in changes.values():
        assert old in text
        text = text.replace(old, new)
    file = folder / "hall.toml"
    file.write_text(text, "utf-8")
    return file


QUICK = ("recall_gap = 30 ", "recall_gap = 12 ")
NEGATIVE = ("home_tolerance = 10 ", "home_tolerance = -1 ")


def test_a_change_is_heard_and_true_at_once_and_there_after_a_kill(served: Served):
    with served.client("manager") as manager, served.client("display") as display:
        with connect_sse(display, "GET", f"/halls/{HALL}/events", headers={"Last-Event-ID": "1"}) as source:
            answer = change(manager, {"lines": {"police": {"retired": True}}, "phone": "12345"})
            assert answer.status_code == 200
            heard = next(source.iter_sse())
            assert display.get(f"/halls/{HALL}").json()["phone"] == "12345"  # who hears of it finds it so
        served.kill()
    told = json.loads(heard.data)
    assert (heard.event, told["reason"]["version"], told["ticket"]) == ("settings.changed", 2, None)
    with serving(served.data) as again, again.client("manager") as manager:
        found = manager.get(PATH).json()
        assert (found["version"], found["settings"]["phone"]) == (2, "12345")
        lines = manager.get(f"/halls/{HALL}").json()["lines"]
        assert "police" not in [line["id"] for line in lines]
        assert "settings differ: lines.police.retired: the database true, hall.toml false" in again.log()
        assert 'settings differ: phone: the database "12345", hall.toml "0900-5550101"' in again.log()
        assert "settings import" in again.log()
    assert command("verify-log", "--data", served.data).returncode == 0


def test_of_changes_made_at_one_moment_one_counts(served: Served):
    barrier = threading.Barrier(8)

    def manager(n: int) -> int:
        with served.client("manager") as client:
            version = client.get(PATH).json()["version"]
            barrier.wait()
            return change(client, {"phone": str(n)}, if_version=version).status_code

    with ThreadPoolExecutor(8) as pool:
        answers = sorted(pool.map(manager, range(8)))
    assert answers == [200] + [409] * 7
    with served.client() as client:
        assert client.get(PATH).json()["version"] == 2


def test_changes_between_tickets_and_calls_lose_neither(served: Served):
    """Commands that share a transaction with a change see it, or do not, in order: no ticket of a retired item."""
    stop = threading.Event()

    def citizens(_: int) -> list[int]:
        answers = []
        with served.client("kiosk") as client:
            while not stop.is_set():
                answer = client.post(f"/halls/{HALL}/tickets", json={"item": "passport"}, headers=key())
                assert answer.status_code in (201, 409), answer.text
                answers.append(answer.status_code)
        return answers

    with ThreadPoolExecutor(6) as pool, served.client("manager") as manager:
        running = [pool.submit(citizens, n) for n in range(6)]
        for n in range(20):
            assert change(manager, {"items": {"passport": {"retired": n % 2 == 0}}}).status_code == 200
        stop.set()
        answers = [status for one in running for status in one.result()]
    assert {201, 409} == set(answers)
    served.stop()
    retired = False
    done = command("verify-log", "--data", served.data)
    assert (done.returncode, "whole and unchanged" in done.stdout) == (0, True)
    connection = open_reader(served.data / DATABASE)
    for _, payload in Reading(connection).events_after(HALL, 0, 100_000):
        facts = json.loads(payload)
        if facts["type"] == "settings.changed":
            retired = facts["reason"]["changed"][0]["new"]
        elif facts["type"] == "ticket.issued":
            assert not retired
    connection.close()


# -- by command -------------------------------------------------------------------------------------------------------


def test_an_export_read_back_is_the_same_hall(served: Served, tmp_path: Path):
    done = command("settings", "export", "--data", served.data)  # a server is running
    assert done.returncode == 0, done.stderr
    (tmp_path / "out.toml").write_text(done.stdout, "utf-8")
    assert load_hall(tmp_path / "out.toml") == load_hall(CONFIG)
    again = command("settings", "import", tmp_path / "out.toml", "--apply", "--data", served.data)
    assert (again.returncode, again.stdout) == (0, "nothing differs\n"), again.stderr


def test_an_import_goes_to_the_server_that_runs(served: Served, tmp_path: Path):
    file = edited(tmp_path, rule=QUICK)
    tried = command("settings", "import", file, "--dry-run", "--data", served.data)
    assert (tried.returncode, tried.stdout) == (0, "rules.recall_gap: is 30, would be 12\n"), tried.stderr
    with served.client() as client:
        assert client.get(PATH).json()["version"] == 1
        done = command("settings", "import", file, "--apply", "--data", served.data)
        assert done.stdout == "rules.recall_gap: was 30, now 12\napplied: the settings are at version 2\n", done.stderr
        assert client.get(f"/halls/{HALL}").json()["rules"]["recall_gap"] == 12


def test_an_import_over_http_needs_a_managers_token(served: Served, tmp_path: Path):
    file = edited(tmp_path, rule=QUICK)
    how = ["settings", "import", file, "--apply", "--data", served.data]
    kiosk = command(*how, env={"YICHUANG_TOKEN": served.tokens["kiosk"]})
    assert (kiosk.returncode, kiosk.stderr) == (2, "kiosk may not change the settings\n")
    (served.data / "demo-tokens.json").rename(tmp_path / "tokens.json")
    none = command(*how)
    assert (none.returncode, "needs a token" in none.stderr) == (2, True)
    assert "cannot be read" in command(*how, "--token-file", tmp_path / "nothing").stderr
    assert (
        "does not answer"
        in command(*how, "--token-file", tmp_path / "tokens.json", "--server", "http://127.0.0.1:9").stderr
    )
    assert command(*how, "--token-file", tmp_path / "tokens.json").returncode == 0
    (tmp_path / "manager").write_text(served.tokens["manager"] + "\n", "utf-8")
    assert command(*how, "--token-file", tmp_path / "manager").stdout == "nothing differs\n"


def test_without_a_server_an_import_writes_by_itself(served: Served, tmp_path: Path):
    served.stop()
    file = edited(tmp_path, rule=QUICK, name=("0900-5550101", "0900-1"))
    how = ["settings", "import", file, "--data", served.data]
    assert command(*how, "--dry-run").stdout.splitlines() == [
        'phone: is "0900-5550101", would be "0900-1"',
        "rules.recall_gap: is 30, would be 12",
    ]
    done = command(*how, "--apply")
    assert done.stdout.splitlines()[-1] == "applied: the settings are at version 2", done.stderr
    checked = command("verify-log", "--data", served.data).stdout
    assert checked.startswith("linjiang: 2 events, whole and unchanged\n")
    with serving(served.data, "--demo", "--config", str(file)) as again, again.client() as client:
        assert client.get(f"/halls/{HALL}").json()["phone"] == "0900-1"
        assert "settings differ" not in again.log()


@pytest.mark.parametrize("running", [True, False])
def test_a_wrong_file_changes_nothing(served: Served, tmp_path: Path, running: bool):
    if not running:
        served.stop()
    how = ["settings", "import", edited(tmp_path, rule=NEGATIVE), "--data", served.data]
    for mode in ("--dry-run", "--apply"):
        done = command(*how, mode)
        assert (done.returncode, done.stdout) == (2, "")
        assert "rules.home_tolerance: expected at least 0, found -1" in done.stderr
    other = edited(tmp_path, hall=('id = "linjiang"', 'id = "elsewhere"'))
    done = command("settings", "import", other, "--apply", "--data", served.data)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert "there is no hall 'elsewhere'" in done.stderr


def test_where_there_is_no_hall(tmp_path: Path):
    for words, said in (
        (["export"], "there is no queue here"),
        (["import", CONFIG, "--apply"], "there is no hall here"),
    ):
        done = command("settings", *words, "--data", tmp_path / "none")
        assert (done.returncode, said in done.stderr) == (2, True)
    assert not (tmp_path / "none").exists()


def test_settings_this_version_cannot_use_are_said_and_mended(served: Served, tmp_path: Path):
    served.stop()
    with sqlite3.connect(served.data / DATABASE) as connection:
        connection.execute("UPDATE halls SET settings = replace(settings, 'recall_gap', 'recal_gap')")
    connection.close()
    start = command("serve", "--config", CONFIG, "--data", served.data, "--port", "0")
    assert (start.returncode, "Traceback" in start.stderr) == (2, False)
    assert "rules.recal_gap: unknown key; did you mean 'recall_gap'?" in start.stderr
    assert "settings import FILE --apply" in start.stderr
    done = command("settings", "import", CONFIG, "--apply", "--data", served.data)
    assert done.returncode == 0, done.stderr
    with serving(served.data) as again, again.client() as client:
        assert client.get(f"/halls/{HALL}").json()["rules"]["recall_gap"] == 30
