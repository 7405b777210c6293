// What a clerk can do: a row per action. Its place and its digit never change; what the server will learn to do later
// (7 ask for help) keeps its place empty until then. 9 and C are about the chosen row of the queue, 0 takes back.
import { now, t } from "../ui.js";

/** What the window is at: unknown, closed, paused, idle, called or serving. */
export const phaseOf = (desk) => !desk ? "unknown" : desk.ticket ? desk.ticket.state : desk.state === "open" ? "idle" : desk.state;

/** Whom the server would call now. */
export const comingOf = (desk) => desk?.coming ? desk.tickets.find((ticket) => ticket.id === desk.coming.ticket) ?? null : null;

/** The big button: one action for each phase; Enter. */
export const PRIMARY = {
  closed: { name: "open", note: () => t("open.note") },
  paused: { name: "open", words: "resume", note: () => t("resume.note") },
  idle: {
    name: "next", note: ({ desk }) => t("next.note", { number: comingOf(desk)?.number ?? "" }),
    refused: ({ desk }) => desk.callable ? null : t("next.nobody"),
  },
  called: { name: "start", note: () => t("start.note") },
  serving: { name: "finish", note: () => t("finish.note") },
};

/** The other buttons, by digit. `refused` says when an action becomes possible, or null when it is. */
export const OTHERS = [
  { digit: "1", name: "recall", refused: recallRefused, note: ({ desk }) => t("recall.note", { n: desk.ticket.calls }) },
  { digit: "2", name: "miss", refused: missRefused, note: ({ hall }) => t("miss.note", { n: hall.rules.return_within }) },
  { digit: "3", name: "release", refused: whenCalled, note: () => t("release.note") },
  { digit: "4", name: "hold", refused: whenServing, note: () => t("hold.note") },
  { digit: "5", name: "transfer", refused: whenServing, note: () => t("transfer.note") },
  { digit: "6", name: "call", refused: callRefused, note: ({ chosen }) => chosen.number },
  { digit: "8", name: "pause", refused: pauseRefused, note: ({ desk }) => t(desk.ticket ? "pause.note.busy" : "pause.note") },
];

/** Calling needs a free window: the chosen row, or a ticket that is held. */
export function whenFree({ desk }) {
  const phase = phaseOf(desk);
  return phase === "idle" ? null : t(desk.ticket ? "once.free" : phase === "paused" ? "once.resumed" : "once.open");
}
function whenCalled({ desk }) { return phaseOf(desk) === "called" ? null : t("once.called"); }
function whenServing({ desk }) { return phaseOf(desk) === "serving" ? null : t("once.serving"); }
function callRefused(seen) { return whenFree(seen) ?? (seen.chosen ? null : t("cancel.choose")); }
function recallRefused({ desk, hall }) {
  if (phaseOf(desk) !== "called") return t("once.called");
  const left = hall.rules.recall_gap - (now() - new Date(desk.ticket.called_at)) / 1000;
  return left > 0 && left <= hall.rules.recall_gap ? t("recall.wait", { n: Math.ceil(left) }) : null;
}
function missRefused({ desk, hall }) {
  if (phaseOf(desk) !== "called") return t("once.called");
  const left = hall.rules.calls_before_missed - desk.ticket.calls;
  return left > 0 ? t("miss.wait", { n: left }) : null;
}
function pauseRefused({ desk }) {
  return { closed: t("once.open"), paused: t(desk.ticket ? "pause.is.busy" : "pause.is") }[desk.state] ?? null;
}

// ---- taking back ----
const UNDOABLE = ["called", "started", "finished", "missed", "released", "transferred", "held", "resumed"].map((name) => `ticket.${name}`);

/** What could be taken back after this event: {ticket, number, until}, or null. The server decides the same again. */
export function undoOf({ type, at, ticket }, { rules }) {
  return UNDOABLE.includes(type) ? { ticket: ticket.id, number: ticket.number, until: new Date(at).getTime() + rules.undo_within * 1000 } : null;
}
/** Whole seconds left to take something back. */
export const undoLeft = (undo) => undo ? Math.max(0, Math.ceil((undo.until - now()) / 1000)) : 0;

/** A refusal of the server in the clerk's words: what it means and what to do. */
export function whyNot(name, { status, body }) {
  const detail = body?.detail ?? {};
  if (status === 0) return t("no.answer");
  if (status === 503) return t("no.storage");
  if (name === "transfer" && (status === 409 && !detail.state || status === 422)) return t("no.transfer");
  if (status !== 409) return t("no.failed", { status });
  if (detail.retry_after !== undefined) return t("no.recall", { n: Math.ceil(detail.retry_after) });
  if (detail.calls_before_missed !== undefined) return t("no.miss", { n: detail.calls_before_missed - detail.calls });
  if (name === "undo") return t("no.undo");
  if (["next", "call", "held.resume"].includes(name) && detail.number) return t("no.next", { number: detail.number });
  return t("no.changed", { action: t(name) });
}
