// What a clerk can do: a row per action. Its place and its digit never change; what the server will learn to do later
// (3 release, 4 hold, 5 transfer, 6 call this one, 7 ask for help, 0 undo) keeps its place empty until then.
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
  { digit: "8", name: "pause", refused: pauseRefused, note: ({ desk }) => t(desk.ticket ? "pause.note.busy" : "pause.note") },
];

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

/** A refusal of the server in the clerk's words: what it means and what to do. */
export function whyNot(name, { status, body }) {
  const detail = body?.detail ?? {};
  if (status === 0) return t("no.answer");
  if (status === 503) return t("no.storage");
  if (status !== 409) return t("no.failed", { status });
  if (detail.retry_after !== undefined) return t("no.recall", { n: Math.ceil(detail.retry_after) });
  if (detail.calls_before_missed !== undefined) return t("no.miss", { n: detail.calls_before_missed - detail.calls });
  if (name === "next" && detail.number) return t("no.next", { number: detail.number });
  return t("no.changed", { action: t(name) });
}
