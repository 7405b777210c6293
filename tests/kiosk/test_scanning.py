"""What a scanner types: tickets are heard, whatever else comes is not."""

import pytest

from kiosk.scanning import Scan, ticket_id

ID = "abcdefghij0123456789_-"
URL = f"http://10.0.0.5:8080/t/{ID}"


@pytest.mark.parametrize("text", [
    URL, f"https://hall.example/t/{ID}", f"https://hall.example/queue/t/{ID}", f"  {URL}\r", f"{URL}/",
    f"{URL}?lang=en", f"{URL}#now", f"HTTPS://HALL.EXAMPLE/t/{ID}",
])  # fmt: skip
def test_a_ticket_s_address_is_understood(text):
    assert ticket_id(text) == ID


@pytest.mark.parametrize("text", [
    "", " ", "A012", ID, f"/t/{ID}", f"t/{ID}", f"ftp://hall/t/{ID}", f"javascript:/t/{ID}", f"file:///t/{ID}",
    "http://hall/", "http://hall/t", "http://hall/t/", "http://hall/t/short", f"http://hall/g/{ID}", f"http:///t/{ID}",
    f"http://hall/t/{ID}/cancel", f"http://hall/t/{ID} {ID}", f"http://hall/T/{ID}", f"http://hall/t/{'x' * 65}",
    f"http://hall/t/..%2f{ID}", f"http://hall/t/{ID}'--", "http://hall/t/号号号号号号号号号号号号号号号号号号",
    f"http://[/t/{ID}", f"http://hall/t/{ID}\nhttp://hall/t/{ID}", "6901234567892", "\x00",
    "https://pay.example/qr?x=1", f"http://hall/?/t/{ID}", f"http://hall/#/t/{ID}",
])  # fmt: skip
def test_anything_else_is_no_ticket(text):
    assert ticket_id(text) is None


def typed(scan, text, gap=0.004, at=100.0, frame=1, frames=0.0):
    """Character by character; where and when the last one came."""
    for count, character in enumerate(text):
        scan.type(character, at + gap * count, int(frame + frames * count))
    return at + gap * len(text), int(frame + frames * len(text))


def test_a_scan_ends_with_enter():
    scan = Scan()
    assert scan.enter(*typed(scan, URL)) == ID
    assert scan.enter(100.2, 9) is None  # once


def test_what_fingers_type_is_no_scan():
    scan = Scan()
    assert scan.enter(*typed(scan, URL, gap=0.12, frames=7)) is None


def test_a_scan_begins_anew_after_what_was_half_typed():
    scan = Scan()
    typed(scan, "A01", at=99, frame=1)
    assert scan.enter(*typed(scan, URL, at=100, frame=60)) == ID


def test_an_enter_that_comes_late_ends_nothing():
    scan = Scan()
    at, frame = typed(scan, URL)
    assert scan.enter(at + 1, frame + 60) is None


def test_a_slow_frame_does_not_cut_a_scan():
    scan = Scan()
    at, frame = typed(scan, URL[:20])
    assert scan.enter(*typed(scan, URL[20:], at=at + 0.2, frame=frame + 1)) == ID


def test_endless_characters_are_not_kept():
    scan = Scan()
    at, frame = typed(scan, "x" * 100_000, gap=0.0001)
    assert len(scan._text) <= 257
    assert scan.enter(*typed(scan, URL, at=at + 1, frame=frame + 60)) == ID
