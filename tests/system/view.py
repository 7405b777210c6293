"""The virtual screens in a browser: both live, and a click on one is a touch on it."""

from __future__ import annotations

import io
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from PIL import Image

from tests.system.rig import Hall

ORDERS = {  # what a hand could do to a device: device -> order -> button
    "reader": {
        "card resident 1950-02-28 王样本": "放上七旬老人的证件 card, 76",
        "card resident 1990-06-01 李样本": "放上青年的证件 card, 36",
        "card none": "拿走证件 lift",
    },
    "printer": {"paper out": "缺纸 no paper", "paper near_end": "纸将尽 low", "paper ok": "装纸 paper"},
}
PLUGS = {"unplug": "拔线 unplug", "plug": "插线 plug"}
DEVICES = {"reader": "读卡器 reader", "printer": "打印机 printer", "signs": "窗口屏 signs"}
ORDERS = {name: {**ORDERS.get(name, {}), **PLUGS} for name in DEVICES}
PAGE = """<!doctype html><html lang="zh"><meta charset="utf-8"><title>一窗 Yichuang</title>
<style>
body { margin: 0; padding: 1rem; background: #10203b; display: flex; gap: 1rem; font: 16px sans-serif; color: #fff }
img { display: block; border-radius: 12px; cursor: pointer; background: #071b40 }
#ticket, #lookup { height: calc(100vh - 2rem) } #display { width: 100% } #paper { height: 44vh; margin-top: 1rem }
main { flex: 1; min-width: 0 } button { font: inherit; margin: 0 .5rem 0 0; padding: .4rem .8rem }
</style>
<img id="ticket" alt="ticket kiosk"><img id="lookup" alt="lookup terminal">
<main><img id="display" alt="hall display">BUTTONS
<p>窗口屏 signs: <output id="signs"></output></p><audio id="voice" controls></audio>
<img id="paper" alt="last ticket"></main>
<script>
for (const picture of document.images) {
  const next = () => { picture.src = '/' + picture.id + '.jpg?' + Date.now() }
  picture.onload = () => setTimeout(next, picture.id === 'paper' ? 1000 : 250)
  picture.onerror = () => setTimeout(next, 2000)
  picture.onclick = (event) => {
    const scale = picture.naturalWidth / picture.clientWidth
    fetch(`/${picture.id}?x=${event.offsetX * scale}&y=${event.offsetY * scale}`, { method: 'POST' })
  }
  next()
}
for (const button of document.querySelectorAll('button'))
  button.onclick = () => fetch(`/${button.name}?say=${encodeURIComponent(button.value)}`, { method: 'POST' })
const voice = document.querySelector('#voice')  // plays each call once it may: after your first click on the page
let heard = ''
setInterval(async () => {
  const now = await (await fetch('/outputs')).json()
  document.querySelector('#signs').textContent = Object.values(now.signs).join(' ｜ ')
  if (now.spoken && now.spoken !== heard && voice.paused) {
    heard = now.spoken
    voice.src = '/' + heard
    voice.play().catch(() => {})
  }
}, 1000)
</script></html>""".replace(
    "BUTTONS",
    "".join(
        f"<p>{DEVICES[name]}: "
        + "".join(f'<button name="{name}" value="{say}">{label}</button>' for say, label in orders.items())
        + "</p>"
        for name, orders in ORDERS.items()
    ),
)


class Viewer:
    """Serves the page while it is open; on this machine only, since a click is a touch."""

    def __init__(self, hall: Hall, port: int) -> None:
        self.server = ThreadingHTTPServer(("127.0.0.1", port), handler(hall))
        self.url = f"http://127.0.0.1:{self.server.server_port}/"

    def __enter__(self) -> Viewer:
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


def handler(hall: Hall) -> type[BaseHTTPRequestHandler]:
    devices = {"reader": hall.reader, "printer": hall.printer, "signs": hall.signs}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = urlsplit(self.path).path.strip("/").removesuffix(".jpg")
            if name == "":
                self.answer(200, "text/html; charset=utf-8", PAGE.encode())
            elif name in hall.screens:
                self.answer(200, "image/jpeg", jpeg(hall.screens[name].screen.picture()))
            elif name == "outputs":
                spoken = max((wav.name for wav in hall.voice.glob("[0-9]*.wav")), default="")
                told = {"signs": hall.signs.shown(), "spoken": spoken}
                self.answer(200, "application/json", json.dumps(told).encode())
            elif name.endswith(".wav") and (wav := hall.voice / Path(name).name).exists():
                self.answer(200, "audio/wav", wav.read_bytes())
            elif name == "paper" and (papers := hall.printer.tickets()):
                self.answer(200, "image/jpeg", jpeg(Image.open(papers[-1])))
            else:
                self.answer(404, "text/plain", b"nothing to see yet")

        def do_POST(self) -> None:
            asked = urlsplit(self.path)
            name, values = asked.path.strip("/"), parse_qs(asked.query)
            if name in hall.screens and {"x", "y"} <= set(values):
                hall.screens[name].screen.touch(float(values["x"][0]), float(values["y"][0]))
                self.answer(204, "text/plain", b"")
            elif name in devices and values.get("say", [""])[0] in ORDERS[name]:
                self.answer(200, "text/plain", devices[name].say(values["say"][0]).encode())
            else:
                self.answer(404, "text/plain", b"no such screen or fault")

        def answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing: the page asks four times a second."""

    return Handler


def jpeg(picture: Image.Image) -> bytes:
    kept = io.BytesIO()
    picture.convert("RGB").save(kept, "JPEG", quality=80)
    return kept.getvalue()
