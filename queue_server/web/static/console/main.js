// The window console. The server owns the truth; this page shows it, asks for changes, and says when it cannot know.
import { $, $$, clockOf, everySecond, hhmm, named, now, page, say, t } from "../ui.js";
import { ask } from "../ask.js";
import { comingOf, OTHERS, phaseOf, PRIMARY, undoLeft, undoOf, whenFree, whyNot } from "./actions.js";
import { Link } from "./link.js";
import { askCall, askCancel, askClass, askLeave, askTransfer, transferTo } from "./questions.js";
import * as view from "./view.js";

const MEANT_AGAIN = 600;      // ms: the big button changes its meaning when pressed; a second press sooner is a double click
const SHOW_REFUSAL = 6_000;   // ms, then the strip says again what happened last
const SEEN = "window";        // the reason of a class changed here: its proof was shown at the window
const here = { busy: false, chosen: null, undo: null, last: ["", ""], refusal: null };
let pressed = -MEANT_AGAIN;

const link = new Link({ changed: draw, event: hear, gone: (why) => location.replace(`/console/enter?why=${why}&window=${page.window}`) });
const known = () => link.desk && link.hall;
const seen = () => ({ desk: link.desk, hall: link.hall, up: link.up, begun: link.begun, heard: link.heard, busy: here.busy, chosen: here.chosen, undo: here.undo });

// ---- showing ----
function draw() {
  here.chosen = link.desk?.tickets.find((ticket) => ticket.id === here.chosen?.id) ?? null;
  if (!link.up) here.undo = null;      // what happens meanwhile is not heard
  $("#desk").dataset.phase = phaseOf(link.desk);
  if (known()) { view.drawFace(seen()); view.drawBody(seen()); }
  tick();
}
function tick() {
  say("#clock", hhmm(now()));
  view.drawLink(seen());
  view.drawActions(seen());
  view.drawUndo(seen());
  if (known()) { view.drawTimer(seen()); view.drawQueue(seen()); view.drawHeld(seen()); view.drawHelp(seen()); }
}

/** The strip under the ticket: the last thing that happened here, or why something did not. */
function note(text, how = "") {
  if (how !== "wrong") here.last = [text, how];
  clearTimeout(here.refusal);
  here.refusal = how === "wrong" && setTimeout(() => note(...here.last), SHOW_REFUSAL);
  $("#strip").className = `strip ${how}`;
  view.drawUndo(seen());
  say("#last", text);
}
const refuse = (text) => note(text, "wrong");

/** Of everything that happens in the lines and at the windows: what happened here is said, in every tab the same. */
function hear(event, mine) {
  if (event.type === "alarm") { if (mine && event.reason.kind === "promise") note(t("last.alarm", event.reason), "aside"); return; }
  if (mine) here.undo = undoOf(event, link.hall);
  else if (event.type === "reset" || event.ticket?.id === here.undo?.ticket) here.undo = null;
  if (!mine) return;
  if (here.undo) setTimeout(tick, here.undo.until - now() + 20);
  note(`${hhmm(event.at)} ${sentence(event)}`);
}
function sentence({ type, at, ticket, reason }) {
  const begun = link.desk?.ticket?.number === ticket?.number ? link.desk?.ticket?.steps.at(-1)?.started_at : null;
  const took = type === "ticket.finished" && begun ? t("last.took", { time: clockOf((new Date(at) - new Date(begun)) / 1000) }) : "";
  const chosen = type === "ticket.called" && reason.rule === "chosen" ? t("last.chosen") : "";
  const line = named(link.hall.lines.find((one) => one.id === ticket?.line)?.name);
  const way = type === "ticket.transferred" && reason.to_window ? ".window" : "";
  return t(`last.${type}${way}`, { number: ticket?.number, n: ticket?.calls, line, window: reason.to_window }) + took + chosen;
}

// ---- doing: never while the link is down, never two at once, nothing is kept for later ----
async function change(name, path, body) {
  here.busy = true;
  tick();
  const answer = await link.act(path, body);
  here.busy = false;
  if (answer.status === 204) refuse(t("next.nobody"));
  else if (answer.status !== 200) refuse(whyNot(name, answer));
  tick();
  return answer;
}
const work = (name, body, words = name) => change(words, `${link.window}/${name}`, body);
const ticketPath = (id, what) => `/api/v1/tickets/${encodeURIComponent(id)}/${what}`;
/** Why nothing can be done at all, or null. */
const shut = () => here.busy ? t("once.done") : !link.up || !known() ? t("once.linked") : null;
/** Is this possible now? If not, the strip says when. */
function may(name, when) {
  const refused = shut() ?? when();
  if (refused !== null) refuse(t("not.now", { action: t(name), when: refused }));
  return refused === null;
}

function pressMain() {
  if (performance.now() - pressed < MEANT_AGAIN) return;
  pressed = performance.now();
  const primary = PRIMARY[phaseOf(link.desk)], refused = shut() ?? primary?.refused?.(seen()) ?? null;
  if (refused !== null) refuse(refused);
  else work(primary.name);
}
const chosenFirst = () => here.chosen ? null : t("cancel.choose");
const undoFirst = () => undoLeft(here.undo) ? null : t("once.undo", { n: link.hall.rules.undo_within });
const ASKED = { transfer: () => askTransfer(link.hall, link.desk, link.base), call: callChosen };

function pressDigit(digit) {
  const action = OTHERS.find((one) => one.digit === digit);
  if (digit === "9") { if (may("cancel", chosenFirst)) askCancel(here.chosen); }
  else if (digit === "0") { if (may("undo", undoFirst)) work("undo"); }
  else if (action && may(action.name, () => action.refused(seen()))) (ASKED[action.name] ?? work)(action.name);
}
function pressClass() { if (may("class", chosenFirst)) askClass(here.chosen, link.hall); }
function callChosen() {
  const next = comingOf(link.desk);
  if (!next || here.chosen.id === next.id) work("call", { ticket: here.chosen.id });
  else askCall(here.chosen, next);
}
function resume(id) { if (may("held.resume", () => whenFree(seen()))) work("resume", { ticket: id }, "held.resume"); }
/** I'll go: the call leaves every console. */
async function answerHelp() {
  if (!may("help.go", () => link.desk.help.length ? null : t("help.none"))) return;
  const [{ id, place }] = link.desk.help;
  const answer = await change("help.go", `${link.base}/help/${id}/answered`);
  if (answer.status === 200) note(`${hhmm(now())} ${t("help.going", { place })}`);
}
/** By key: the only one held, else the list, to choose from. */
function pressHeld() {
  const buttons = $$("#held button");
  if (!buttons.length) refuse(t("not.now", { action: t("held.resume"), when: t("held.none") }));
  else if (buttons.length > 1) buttons[0].focus();
  else resume(buttons[0].dataset.held);
}

// ---- what was asked, answered: the window may have changed meanwhile ----
const ANSWERED = {
  "cancel-sure": async ({ returnValue, dataset: { ticket, number } }) => {
    if (returnValue !== "cancel" || !may("cancel", () => null)) return;
    const answer = await change("cancel", ticketPath(ticket, "cancel"));
    if (answer.status === 200) note(`${hhmm(now())} ${t("last.ticket.cancelled", { number })}`);
  },
  "call-sure": ({ returnValue, dataset: { ticket } }) => {
    if (returnValue === "call" && may("call", () => whenFree(seen()))) work("call", { ticket });
  },
  "class-which": async ({ returnValue, dataset: { ticket, number } }) => {
    if (!returnValue || !may("class", () => null)) return;
    const answer = await change("class", ticketPath(ticket, "class"), { class: returnValue, reason: SEEN });
    const name = named(link.hall.classes.find((one) => one.id === returnValue)?.name);
    if (answer.status === 200) note(`${hhmm(now())} ${t("last.ticket.class_changed", { number, name })}`);
  },
  "transfer-where": ({ returnValue, dataset: { ticket } }) => {
    const still = () => link.desk.ticket?.id === ticket && phaseOf(link.desk) === "serving" ? null : t("once.same");
    if (returnValue === "transfer" && may("transfer", still)) work("transfer", transferTo());
  },
  "leave-how": async ({ returnValue: way }) => {
    if (way === "move") { location.assign("/console/enter"); return; }
    if (!way) return;
    if (shut() !== null) { refuse(shut()); return; }
    if (way === "close" && (await work("close")).status !== 200) return;
    const answer = await ask("/console/leave", { method: "POST", body: {}, headers: { "X-CSRF-Token": page.csrf } });
    if (answer.status === 0) refuse(t("leave.failed"));
    else location.replace("/console/enter");
  },
};
for (const [id, answered] of Object.entries(ANSWERED)) {
  $(`#${id}`).addEventListener("close", ({ target }) => { toMain(); answered(target); });
}

// ---- choosing a ticket of the queue, or of those held ----
function choose(id) {
  here.chosen = link.desk?.tickets.find((ticket) => ticket.id === id) ?? null;
  tick();
  document.getElementById(`ticket-${id}`)?.scrollIntoView({ block: "nearest" });
}
const along = (list, at, by) => at < 0 ? (by > 0 ? 0 : list.length - 1) : Math.min(list.length - 1, Math.max(0, at + by));
function step(by) {
  const held = $$("#held button"), at = held.indexOf(document.activeElement);
  if (at >= 0) { held[along(held, at, by)].focus(); return; }
  const ids = [...$("#queue").children].map((row) => row.dataset.ticket);
  if (ids.length) choose(ids[along(ids, ids.indexOf(here.chosen?.id), by)]);
}
/** The big button has the focus again; the Enter that answered something must not press it as well. */
function toMain() {
  pressed = performance.now();
  $("#main").focus({ focusVisible: false });
}

// ---- hands ----
const KEYS = { KeyC: pressClass, KeyR: pressHeld, KeyH: answerHelp };
document.addEventListener("click", ({ target, detail }) => {
  const button = target.closest("button"), row = target.closest("[data-ticket][role=option]");
  if (button?.closest("dialog")) return;
  if (row) choose(row.dataset.ticket === here.chosen?.id ? null : row.dataset.ticket);
  if (button?.id === "main") pressMain();
  else if (button?.dataset.digit) pressDigit(button.dataset.digit);
  else if (button?.dataset.held) resume(button.dataset.held);
  else if (button?.id === "class") pressClass();
  else if (button?.id === "go") answerHelp();
  else if (button?.id === "retry") link.retry();
  else if (button?.id === "leave") askLeave(link.desk, shut());
  if ($("dialog[open]")) return;
  if (button?.dataset.held || button?.dataset.digit === "0" || button?.id === "go") toMain();      // these go away
  else if (detail && (row || button?.matches("[data-digit], #class"))) $("#main").focus({ focusVisible: false });      // after a mouse, Enter means the big button again
});
document.addEventListener("keydown", (event) => {
  const enter = event.code === "Enter" || event.code === "NumpadEnter", digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code);      // the physical key: works whatever input method is on
  if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
  if (enter && event.repeat) { event.preventDefault(); return; }      // a key held down is one press, on a focused button too
  if ($("dialog[open]") || event.repeat && (digit || KEYS[event.code])) return;
  if (digit) { event.preventDefault(); pressDigit(digit[1]); }
  else if (KEYS[event.code]) { event.preventDefault(); KEYS[event.code](); }
  else if (enter && !event.target.closest("button, a")) pressMain();
  else if (event.code === "ArrowDown" || event.code === "ArrowUp") { event.preventDefault(); step(event.code === "ArrowDown" ? 1 : -1); }
  else if (event.code === "Escape") { choose(null); $("#main").focus({ focusVisible: false }); }
});
$("#main").focus({ focusVisible: false });
everySecond(tick);
