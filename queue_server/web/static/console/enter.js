// Signing in: a token, and for a clerk a window. A ready link (#token=…&window=3) signs in by itself and leaves nothing in the address bar.
import { $, everySecond, hhmm, now, page, say, t } from "../ui.js";
import { ask } from "../ask.js";

const desk = Boolean($("fieldset"));      // a clerk chooses a window; a publisher has none
const WHY = { ended: desk ? "enter.ended" : "enter.editor.ended", moved: "enter.moved" };
const WRONG = { 0: "enter.away", 401: "enter.wrong", 403: desk ? "enter.forbidden" : "enter.editor.forbidden", 404: "enter.no.window", 409: "enter.retired", 422: "enter.no.window" };

function note(text, calm = false) {
  const box = $("#notice");
  box.hidden = !text;
  box.classList.toggle("calm", calm);
  say(box, text);
}

let going = false;
async function enter(token, window) {
  if (going) return;
  going = true;
  $("#go").setAttribute("aria-busy", "true");
  const headers = page.csrf ? { "X-CSRF-Token": page.csrf } : {};
  const body = desk ? { token, window, hall: page.hall } : { token };
  const answer = await ask(page.enter, { method: "POST", body, headers });
  if (answer.status === 200) { location.replace(page.home); return; }
  going = false;
  $("#go").removeAttribute("aria-busy");
  note(t(WRONG[answer.status] ?? "enter.failed"));
  $("#token")?.setAttribute("aria-invalid", String([401, 403].includes(answer.status)));
  $("#token")?.focus();
}

const chosen = () => Number($("[name=window]:checked")?.value ?? 0);
const choose = (no) => { const radio = $(`[name=window][value="${Number(no)}"]`); if (radio) radio.checked = true; };

$("#form").addEventListener("submit", (event) => {
  event.preventDefault();
  const token = $("#token")?.value.trim() ?? "";
  if ($("#token") && !token) { note(t("enter.no.token")); $("#token").focus(); return; }
  if (desk && !chosen()) { note(t("enter.no.window")); $("[name=window]")?.focus(); return; }
  enter(token, chosen());
});

const link = new URLSearchParams(location.hash.slice(1));
if (location.hash) history.replaceState(null, "", location.pathname + location.search);
choose(link.get("window") ?? page.window);
if (WHY[page.why]) note(t(WHY[page.why]), true);
if (link.get("token")) {
  if (chosen() || !desk) enter(link.get("token"), chosen());
  else if ($("#token")) $("#token").value = link.get("token");
}
($("#token") ?? $("#go")).focus();
everySecond(() => say("#clock", hhmm(now())));
