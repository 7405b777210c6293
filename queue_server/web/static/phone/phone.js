// A citizen's ticket on their phone: how it stands, told at once, and never as true when it may not be.
import { $, everySecond, page, t } from "../ui.js";
import { Alarm } from "./alarm.js";
import { Follow } from "./follow.js";
import { drawRate, listenToRatings } from "./rate.js";
import { drawWhy, toggleWhy } from "./why.js";
import { draw, drawAlerts, drawLink, faceOf, isCalled, isNear, notice, saying, tick } from "./face.js";

const callsOf = (ticket) => isCalled(faceOf(ticket)) ? ticket.calls : 0;
const seen = { face: faceOf(page.ticket), calls: callsOf(page.ticket), near: isNear(page.ticket) };
const ANOTHER_WAIT = ["missed", "transferred"];      // a call that led to waiting, and was no mistake
let busy = false;

const alarm = new Alarm(changed);
const follow = new Follow(changed, document.documentElement.dataset.kept === "yes");

function changed() {
  const { ticket } = follow, before = { ...seen };
  Object.assign(seen, { face: faceOf(ticket), calls: callsOf(ticket), near: isNear(ticket) });
  const sorry = before.calls && ticket.state === "waiting" && !ANOTHER_WAIT.includes(ticket.steps.at(-1)?.outcome);
  if (seen.face !== before.face) notice(sorry ? t("undone") : "");
  draw(ticket);
  tick(ticket);
  if (seen.calls > before.calls) alarm.ring(seen.calls > 1 ? "recalled" : "called");
  else if (!seen.calls && before.calls) alarm.stop();
  else if (seen.near && !before.near) alarm.once("near");
  drawAlerts(alarm, seen.face);
  drawLink(follow);
  drawWhy(follow);
  drawRate(follow);
}

// ---- doing: never while the link is down, never two at once ----
async function change(name, done) {
  if (!follow.up) { notice(t("once.linked")); return; }
  if (busy) return;
  busy = true;
  const { status, body } = await follow.act(name);
  busy = false;
  if (status === 200) notice(done(body));
  else if (status === 409) notice(body.detail.why === "another" ? t("back.another", body.detail) : ["late", "once"].includes(seen.face) ? "" : t("refused"));
  else notice(t("unknown"));
}

$("#back").addEventListener("click", () => change("return", (ticket) => saying("back.done", ticket)));
$("#heard").addEventListener("click", () => { alarm.stop(); notice(t("heard.yes")); changed(); });
$("#sound").addEventListener("click", () => alarm.toggle());
$("#why-ask").addEventListener("click", () => toggleWhy(follow));
$("#cancel").addEventListener("click", () => {
  if (!follow.up) { notice(t("once.linked")); return; }
  $("#sure").returnValue = "";      // Escape means no
  $("#sure").showModal();
});
$("#sure").addEventListener("close", ({ target }) => { if (target.returnValue === "cancel") change("cancel", () => ""); });
listenToRatings(follow, changed);

everySecond(changed);

// ---- without a network the page opens all the same; only https lets it ----
navigator.serviceWorker?.register("/t/worker.js").catch(() => {});
