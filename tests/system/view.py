"""The virtual screens in a browser: both live, and a click on one is a touch on it."""

from __future__ import annotations

import io
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from PIL import Image

from tests.system.rig import Hall

FAULTS = {"paper out": "缺纸", "paper near_end": "纸将尽", "paper ok": "装纸", "unplug": "拔线", "plug": "插线"}
PAGE = """<!doctype html><html lang="zh"><meta charset="utf-8"><title>一窗 Yichuang</title>
<style>
body { margin: 0; padding: 1rem; background: #10203b; display: flex; gap: 1rem; font: 16px sans-serif; color: #fff }
img { display: block; border-radius: 12px; cursor: pointer; background: #071b40 }
#ticket { height: calc(100vh - 2rem) } #display { width: 100% } #paper { height: 44vh; margin-top: 1rem }
main { flex: 1; min-width: 0 } button { font: inherit; margin: 1rem .5rem 0 0; padding: .5rem 1rem }
</style>
<img id="ticket" alt="ticket kiosk"><main><img id="display" alt="hall display">BUTTONS
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
  button.onclick = () => fetch('/printer?say=' + button.value, { method: 'POST' })
</script></html>""".replace(
    "BUTTONS", "".join(f'<button value="{say}">{zh} {say}</button>' for say, zh in FAULTS.items())
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
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = urlsplit(self.path).path.strip("/").removesuffix(".jpg")
            if name == "":
                self.answer(200, "text/html; charset=utf-8", PAGE.encode())
            elif name in hall.screens:
                self.answer(200, "image/jpeg", jpeg(hall.screens[name].screen.picture()))
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
            elif name == "printer" and values.get("say", [""])[0] in FAULTS:
                self.answer(200, "text/plain", hall.printer.say(values["say"][0]).encode())
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
