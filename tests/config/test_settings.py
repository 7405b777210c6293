"""Settings files: the demo's are right, and a wrong one is refused in words its writer can act on."""

import tomllib
from pathlib import Path

import pytest
from pydantic import BaseModel

import config.schema
from config import ConfigError, load_devices, load_hall, load_kiosk
from config.schema import Settings

DEMO = Path(__file__).parents[2] / "config" / "demo"
LOADERS = {"hall.toml": load_hall, "kiosk.toml": load_kiosk, "devices.toml": load_devices}


def faults(tmp_path: Path, name: str, old: str, new: str) -> list[str]:
    """What the loader says of a demo file in which `old` was changed to `new` once."""
    text = (DEMO / name).read_text("utf-8")
    assert old in text, f"the demo file no longer holds {old!r}"
    path = tmp_path / name
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(ConfigError) as caught:
        LOADERS[name](path)
    assert all(line.startswith(f"{path}: ") for line in str(caught.value).splitlines())
    return caught.value.faults


def test_the_demo_hall_is_what_it_says_it_is():
    hall = load_hall(DEMO / "hall.toml")
    assert hall.name.zh == "临江市政务服务中心"
    assert (len(hall.lines), len(hall.windows)) == (8, 12)
    assert len(hall.items) >= 40
    assert {window.kind for window in hall.windows} == {"comprehensive", "special", "green"}
    assert all(name.en for name in (hall.name, *(one.name for one in (*hall.lines, *hall.items))))


def test_every_line_of_the_demo_has_items():
    hall = load_hall(DEMO / "hall.toml")
    assert {item.line for item in hall.items} == {line.id for line in hall.lines}


def test_the_other_demo_files_load():
    kiosk, devices = load_kiosk(DEMO / "kiosk.toml"), load_devices(DEMO / "devices.toml").devices
    named = {kiosk.ticket.printer, kiosk.ticket.reader, kiosk.display.voice, *(s.device for s in kiosk.display.signs)}
    assert named == devices.keys()


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("hall.toml", "recall_gap", "recal_gap", "rules.recal_gap: unknown key; did you mean 'recall_gap'?"),
        ("hall.toml", 'letter = "A"', "letter = 3", "lines.0.letter: expected text in quotes, found 3"),
        ("hall.toml", 'letter = "A"', 'letter = "a1"', "lines.0.letter: expected text of the form ^[A-Z]$, found 'a1'"),
        ("hall.toml", "open = 09:00:00", 'open = "9"', "hours.0.open: expected a time such as 09:00:00"),
        (
            "hall.toml",
            'line = "social"',
            'line = "socail"',
            "items.employee-enrolment.line: no line is called 'socail'",
        ),
        ("hall.toml", '"Asia/Shanghai"', '"Beijing"', "time_zone: expected a time zone such as Asia/Shanghai"),
        ("hall.toml", 'letter = "B"', 'letter = "A"', "line letter A stands twice; each must be its own"),
        ("hall.toml", "home_tolerance = 10", "home_tolerance = -1", "rules.home_tolerance: expected at least 0"),
        ("hall.toml", 'kind = "green"', 'kind = "greeen"', "windows.7.kind: expected one of"),
        ("kiosk.toml", "language", "langage", "langage: unknown key; did you mean 'language'?"),
        ("kiosk.toml", "idle_home = 60", "idle_home = true", "ticket.idle_home: expected a whole number, found True"),
        ("kiosk.toml", "px_per_mm", "px_per_cm", "ticket.px_per_cm: unknown key; did you mean 'px_per_mm'?"),
        (
            "devices.toml",
            'model = "escpos"',
            'modle = "escpos"',
            "devices.printer.modle: unknown key; did you mean 'model'?",
        ),
    ],
)
def test_a_slip_is_named_with_its_key_and_what_was_meant(tmp_path, name, old, new, said):
    assert any(fault.startswith(said) for fault in faults(tmp_path, name, old, new))


def test_a_line_that_no_window_serves_is_refused(tmp_path):
    before, windows = (DEMO / "hall.toml").read_text("utf-8").split("windows = [")
    path = tmp_path / "hall.toml"
    path.write_text(before + "windows = [" + windows.replace('"tax", ', "").replace(', "tax"', ""), "utf-8")
    with pytest.raises(ConfigError) as caught:
        load_hall(path)
    assert caught.value.faults == ["lines.tax: no window serves it; add it to a window or set open = false"]


def test_all_faults_are_told_at_once(tmp_path):
    told = faults(tmp_path, "kiosk.toml", 'hall = "linjiang"', "hal = 1")
    assert told == ["hall: this key is required", "hal: unknown key; did you mean 'hall'?"]


def test_a_missing_file_suggests_its_neighbour():
    with pytest.raises(ConfigError, match=r"hal\.toml: no such file; did you mean .*hall\.toml\?"):
        load_hall(DEMO / "hal.toml")


@pytest.mark.parametrize(
    ("raw", "said"),
    [(b"id = [", "not TOML"), ("id = '厅'".encode("gb18030"), "not UTF-8 at byte 6; save the file as UTF-8")],
)
def test_a_file_that_is_not_toml_is_said_to_be_so(tmp_path, raw, said):
    path = tmp_path / "hall.toml"
    path.write_bytes(raw)
    with pytest.raises(ConfigError, match=said):
        load_hall(path)


def tables() -> list[type[BaseModel]]:
    kinds = [one for one in vars(config.schema).values() if isinstance(one, type) and issubclass(one, Settings)]
    return [one for one in kinds if one is not Settings]


@pytest.mark.parametrize("table", tables(), ids=lambda table: table.__name__)
def test_every_setting_says_what_it_is_for(table):
    silent = [name for name, field in table.model_fields.items() if not field.description]
    assert not silent


def test_every_number_with_a_dimension_has_its_unit():
    plain = {"no", "address", "credit"}  # names of a window and a sign; credit has its unit
    for table in tables():
        for name, field in table.model_fields.items():
            if field.annotation in (int, float) and name not in plain:
                assert (field.json_schema_extra or {}).get("unit"), f"{table.__name__}.{name} has no unit"


def test_the_demo_files_are_plain_toml():
    for name in LOADERS:
        tomllib.loads((DEMO / name).read_text("utf-8"))
