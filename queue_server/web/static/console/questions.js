// What is asked before something is done: each dialog of the console, filled from what is known, read when it closes.
//
// A dialog keeps the ticket it was opened for: what happens to the window meanwhile must not turn the answer on another.
import { $, $$, html, letter, named, say, show, t } from "../ui.js";
import { ask } from "../ask.js";

const ORDINARY = ["appointment", "green"];      // a slot was booked or not; green is given by the guide and the manager

function open(dialog, ticket) {
  Object.assign(dialog.dataset, { ticket: ticket?.id ?? "", number: ticket?.number ?? "" });
  dialog.returnValue = "";      // Escape means none of the ways
  dialog.showModal();
}

// ---- yes or no ----
export function askCancel(ticket) {
  say("#cancel-title", t("cancel.sure.title", { number: ticket.number }));
  open($("#cancel-sure"), ticket);
}
/** Out of turn: `next` is who would be called. */
export function askCall(ticket, next) {
  say("#call-title", t("call.sure.title", { number: ticket.number }));
  say("#call-text", t("call.sure.text", { number: ticket.number, next: next.number }));
  say("#call-yes", t("call.sure.yes", { number: ticket.number }));
  say("#call-no", t("call.sure.no"));
  open($("#call-sure"), ticket);
}
export function askLeave(desk, shut) {
  const ticket = desk?.ticket, closable = !shut && !ticket && desk.state !== "closed";
  say("#leave-text", ticket ? t("leave.busy", { number: ticket.number }) : desk?.state === "closed" ? t("leave.closed") : t("leave.text"));
  $("#leave-close").hidden = !closable;
  open($("#leave-how"));
}

// ---- another class ----
export function askClass(ticket, hall) {
  say("#class-title", t("class.title", { number: ticket.number }));
  const ways = hall.classes.filter((one) => one.id !== ticket.class && !ORDINARY.includes(one.id));
  show("#class-ways", ways.map((one) => html`<button class="button" value="${one.id}"><span>${named(one.name)}</span><small>${one.credit ? t("class.credit", { n: one.credit }) : t("class.none")}</small></button>`));
  open($("#class-which"), ticket);
}

// ---- where to: a line, one window, or a line at one window ----
const STAY = "";      // the value of "any window"
let asked = null;     // {hall, desk, ticket, board} of the open question

export function askTransfer(hall, desk, base) {
  asked = { hall, desk, ticket: desk.ticket, board: null };
  const lines = hall.lines.filter((line) => line.open || line.id === desk.ticket.line);
  say("#transfer-title", t("transfer.title", { number: desk.ticket.number }));
  show("#transfer-lines", lines.map((line) => html`<label class="pick"><input type="radio" name="line" value="${line.id}"><span>${letter(line)}<b>${named(line.name)}</b><small data-line="${line.id}"></small></span></label>`));
  const first = lines.find((line) => line.id !== desk.ticket.line) ?? lines[0];
  $(`#transfer-lines [value="${first.id}"]`).checked = true;
  drawWindows();
  drawBoard();
  open($("#transfer-where"), desk.ticket);
  $("#transfer-lines :checked").focus();
  ask(`${base}/board`).then(({ status, body }) => { if (status === 200 && asked?.ticket === desk.ticket) { asked.board = body; drawBoard(); } });
}
const chosenLine = () => $("#transfer-lines :checked").value;
const chosenWindow = () => $("#transfer-windows :checked")?.value ?? STAY;

function drawWindows() {
  const { hall, desk } = asked, line = chosenLine(), same = line === desk.ticket.line, wish = chosenWindow();
  const windows = hall.windows.filter((window) => window.lines.includes(line) && window.no !== desk.no);
  show("#transfer-windows", html`
    ${!same && html`<label class="pick wide"><input type="radio" name="window" value="${STAY}"><span><b>${t("transfer.any")}</b></span></label>`}
    ${windows.map(({ no }) => html`<label class="pick"><input type="radio" name="window" value="${no}"><span><b class="num">${no}</b><small data-window="${no}"></small></span></label>`)}`);
  const radios = $$("#transfer-windows input"), first = radios.find((radio) => radio.value === wish) ?? radios[0];
  if (first) first.checked = true;
  $("#transfer-go").disabled = !first;
  drawBoard();
  drawSaying();
}
/** How full the lines are and what the windows do, as soon as that is known. */
function drawBoard() {
  for (const one of asked.board?.lines ?? []) for (const el of $$(`#transfer-lines [data-line="${one.id}"]`)) say(el, t("transfer.waiting", { n: one.waiting }));
  for (const one of asked.board?.windows ?? []) for (const el of $$(`#transfer-windows [data-window="${one.no}"]`)) say(el, t(`at.${one.state !== "open" ? one.state : one.number ? "busy" : "free"}`));
}
/** What to tell the citizen; the same words are on their phone. */
function drawSaying() {
  const { hall, ticket } = asked, window = chosenWindow(), line = hall.lines.find((one) => one.id === chosenLine());
  say("#transfer-say", window === STAY ? t("transfer.say.line", { line: named(line.name), number: ticket.number }) : t("transfer.say.window", { window, number: ticket.number }));
}
/** The answer as the server wants it: the line only where it is another one. */
export function transferTo() {
  const line = chosenLine(), window = chosenWindow();
  return { ...(line !== asked.ticket.line && { line }), ...(window !== STAY && { window: Number(window) }) };
}

$("#transfer-where").addEventListener("change", ({ target }) => { if (target.name === "line") drawWindows(); else drawSaying(); });

// ---- by key: Escape and "back" leave, a line's letter chooses it, arrows go from one button to the next ----
for (const dialog of $$("dialog")) {
  dialog.addEventListener("click", ({ target }) => { if (target.closest("[data-back]")) dialog.close(""); });
  dialog.addEventListener("keydown", (event) => {
    const by = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.code];
    const buttons = $$("button", dialog).filter((button) => !button.hidden), at = buttons.indexOf(document.activeElement);
    if (by && at >= 0) { event.preventDefault(); buttons[Math.min(buttons.length - 1, Math.max(0, at + by))].focus(); }
    const line = dialog.id === "transfer-where" && /^Key([A-Z])$/.exec(event.code)?.[1];
    const radio = line && $$("#transfer-lines input").find((one) => asked.hall.lines.find(({ id }) => id === one.value).letter === line);
    if (radio && !event.ctrlKey && !event.altKey && !event.metaKey) { radio.click(); radio.focus(); }
  });
}
