// The window console. The server owns the truth; this page shows it, asks for changes, and says when it cannot know.
import { $, clockOf, everySecond, hhmm, now, page, say, t } from "../ui.js";
import { ask } from "../ask.js";
import { OTHERS, phaseOf, PRIMARY, whyNot } from "./actions.js";
import { Link } from "./link.js";
import * as view from "./view.js";

const MEANT_AGAIN = 600;      // ms: the big button changes its meaning when pressed; a second press sooner is a double click
const SHOW_REFUSAL = 6_000;   // ms, then the strip says again what happened last
const here = { busy: false, chosen: null, last: "", refusal: null };
let pressed = -MEANT_AGAIN;

const link = new Link({ changed: draw, event: tell, gone: (why) => location.replace(`/console/enter?why=${why}&window=${page.window}`) });
const known = () => link.desk && link.hall;
const seen = () => ({ desk: link.desk, hall: link.hall, up: link.up, begun: link.begun, heard: link.heard, busy: here.busy, chosen: here.chosen });

// ---- showing ----
function draw() {
  here.chosen = link.desk?.tickets.find((ticket) => ticket.id === here.chosen?.id) ?? null;
  $("#desk").dataset.phase = phaseOf(link.desk);
  if (known()) { view.drawFace(seen()); view.drawBody(seen()); }
  tick();
}
function tick() {
  say("#clock", hhmm(now()));
  view.drawLink(seen());
  view.drawActions(seen());
  if (known()) { view.drawTimer(seen()); view.drawQueue(seen()); }
}

/** The strip under the ticket: the last thing that happened here, or why something did not. */
function note(text, wrong = false) {
  if (!wrong) here.last = text;
  clearTimeout(here.refusal);
  here.refusal = wrong && setTimeout(() => note(here.last), SHOW_REFUSAL);
  $("#last").classList.toggle("wrong", wrong);
  say("#last", text);
}
/** What happened at this window, by this tab or another one: both tabs say the same. */
function tell({ type, at, ticket }) {
  const begun = link.desk?.ticket?.number === ticket?.number ? link.desk?.ticket?.steps.at(-1)?.started_at : null;
  const took = type === "ticket.finished" && begun ? t("last.took", { time: clockOf((new Date(at) - new Date(begun)) / 1000) }) : "";
  note(`${hhmm(at)} ${t(`last.${type}`, { number: ticket?.number, n: ticket?.calls })}${took}`);
}

// ---- doing: never while the link is down, never two at once, nothing is kept for later ----
async function change(name, path, body) {
  here.busy = true;
  tick();
  const answer = await link.act(path, body);
  here.busy = false;
  if (answer.status === 204) note(t("next.nobody"), true);
  else if (answer.status !== 200) note(whyNot(name, answer), true);
  tick();
  return answer;
}
const work = (name) => change(name, `${link.window}/${name}`);
/** Why nothing can be done at all, or null. */
const shut = () => here.busy ? t("once.done") : !link.up || !known() ? t("once.linked") : null;

function pressMain() {
  if (performance.now() - pressed < MEANT_AGAIN) return;
  pressed = performance.now();
  const primary = PRIMARY[phaseOf(link.desk)], refused = shut() ?? primary?.refused?.(seen()) ?? null;
  if (refused !== null) note(refused, true);
  else work(primary.name);
}
function pressDigit(digit) {
  const action = OTHERS.find((one) => one.digit === digit);
  if (digit === "9") { pressCancel(); return; }
  if (!action) return;
  const refused = shut() ?? action.refused(seen());
  if (refused !== null) note(t("not.now", { action: t(action.name), when: refused }), true);
  else work(action.name);
}
function pressCancel() {
  const refused = shut() ?? (here.chosen ? null : t("cancel.choose"));
  if (refused !== null) { note(t("not.now", { action: t("cancel"), when: refused }), true); return; }
  const dialog = $("#cancel-sure");
  dialog.dataset.ticket = here.chosen.id;
  dialog.dataset.number = here.chosen.number;
  say("#cancel-title", t("cancel.sure.title", { number: here.chosen.number }));
  open(dialog);
}
function open(dialog) {
  dialog.returnValue = "";      // Escape means none of the ways
  dialog.showModal();
}
async function cancelSure({ target }) {
  $("#main").focus();
  if (target.returnValue !== "cancel") return;
  if (shut() !== null) { note(shut(), true); return; }
  const answer = await change("cancel", `/api/v1/tickets/${encodeURIComponent(target.dataset.ticket)}/cancel`);
  if (answer.status === 200) note(`${hhmm(now())} ${t("last.ticket.cancelled", { number: target.dataset.number })}`);
}

// ---- leaving ----
function askLeave() {
  const ticket = link.desk?.ticket, closable = !shut() && !ticket && link.desk.state !== "closed";
  say("#leave-text", ticket ? t("leave.busy", { number: ticket.number }) : link.desk?.state === "closed" ? t("leave.closed") : t("leave.text"));
  $("#leave-close").hidden = !closable;
  open($("#leave-how"));
}
async function leave({ target }) {
  const way = target.returnValue;
  $("#main").focus();
  if (way === "move") { location.assign("/console/enter"); return; }
  if (!way) return;
  if (shut() !== null) { note(shut(), true); return; }
  if (way === "close" && (await work("close")).status !== 200) return;
  const answer = await ask("/console/leave", { method: "POST", body: {}, headers: { "X-CSRF-Token": page.csrf } });
  if (answer.status === 0) note(t("leave.failed"), true);
  else location.replace("/console/enter");
}

// ---- choosing a ticket of the queue ----
function choose(id) {
  here.chosen = link.desk?.tickets.find((ticket) => ticket.id === id) ?? null;
  tick();
  document.getElementById(`ticket-${id}`)?.scrollIntoView({ block: "nearest" });
}
function step(by) {
  const ids = [...$("#queue").children].map((row) => row.dataset.ticket), at = ids.indexOf(here.chosen?.id);
  if (ids.length) choose(ids[at < 0 ? (by > 0 ? 0 : ids.length - 1) : Math.min(ids.length - 1, Math.max(0, at + by))]);
}

// ---- hands ----
document.addEventListener("click", ({ target, detail }) => {
  const button = target.closest("button"), row = target.closest("[data-ticket][role=option]");
  if (row) choose(row.dataset.ticket === here.chosen?.id ? null : row.dataset.ticket);
  if (button?.id === "main") pressMain();
  else if (button?.dataset.digit) pressDigit(button.dataset.digit);
  else if (button?.id === "retry") link.retry();
  else if (button?.id === "leave") askLeave();
  if (detail && (row || button?.dataset.digit) && !$("dialog[open]")) $("#main").focus({ focusVisible: false });      // after a mouse, Enter means the big button again
});
document.addEventListener("keydown", (event) => {
  const enter = event.code === "Enter" || event.code === "NumpadEnter", digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code);      // the physical key: works whatever input method is on
  if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
  if (enter && event.repeat) { event.preventDefault(); return; }      // a key held down is one press, on a focused button too
  if ($("dialog[open]") || event.repeat && digit) return;
  if (digit) { event.preventDefault(); pressDigit(digit[1]); }
  else if (enter && !event.target.closest("button, a")) pressMain();
  else if (event.code === "ArrowDown" || event.code === "ArrowUp") { event.preventDefault(); step(event.code === "ArrowDown" ? 1 : -1); }
  else if (event.code === "Escape") choose(null);
});
$("#cancel-sure").addEventListener("close", cancelSure);
$("#leave-how").addEventListener("close", leave);
$("#main").focus({ focusVisible: false });
everySecond(tick);
