"""What machines report of their devices, and who can see it."""

from tests.queue_server.helpers import HALL, Clock, Desk


def beat(desk: Desk, machine: str, role: str = "kiosk", **devices: str | tuple[str, str]) -> int:
    told = {name: (state, "") if isinstance(state, str) else state for name, state in devices.items()}
    listed = [{"name": name, "state": state, "detail": detail} for name, (state, detail) in told.items()]
    return desk.post("/devices/heartbeat", {"machine": machine, "devices": listed}, role).json["changed"]


def listed(desk: Desk, role: str = "guide") -> list[tuple[str, str, str]]:
    return [
        (one["machine"], one["name"], one["state"]) for one in desk.get(f"/halls/{HALL}/devices", role).json["devices"]
    ]


def test_a_machine_tells_only_news(desk: Desk):
    assert beat(desk, "1", printer="ok", reader="ok") == 2
    assert beat(desk, "1", printer="ok", reader="ok") == 0
    assert beat(desk, "1", printer="paper_out", reader="ok") == 1
    event = desk.events()[-1]
    assert event["type"] == "device.changed"
    assert event["reason"] == {"machine": "1", "name": "printer", "state": "paper_out", "detail": "", "was": "ok"}
    assert beat(desk, "1", printer=("paper_out", "cover open")) == 1  # another detail is news too


def test_machines_with_devices_of_the_same_name_are_kept_apart(desk: Desk):
    beat(desk, "1", printer="ok", reader="ok")
    beat(desk, "2", printer="ok", reader="offline")
    beat(desk, "hall display", "display", voice="ok", led="ok")
    assert beat(desk, "2", printer="paper_low") == 1
    assert listed(desk) == [
        ("1", "printer", "ok"),
        ("1", "reader", "ok"),
        ("2", "printer", "paper_low"),
        ("2", "reader", "offline"),  # not named in the last heartbeat: as it was
        ("hall display", "led", "ok"),
        ("hall display", "voice", "ok"),
    ]


def test_staff_see_since_when(desk: Desk, clock: Clock):
    assert listed(desk) == []
    beat(desk, "1", printer="ok")
    clock.pass_(minutes=5)
    beat(desk, "1", printer=("offline", "no answer"))
    clock.pass_(minutes=5)
    beat(desk, "1", printer=("offline", "no answer"))
    for role in ("guide", "manager", "admin"):
        assert desk.get(f"/halls/{HALL}/devices", role).json["devices"] == [
            {"machine": "1", "name": "printer", "state": "offline", "detail": "no answer"}
            | {"at": "2026-03-02T02:05:00.000000Z"}
        ]
