// What the page shows of a ticket: the same as the server's own template, from what is known now.
import { $, clockOf, hhmm, now, page, say, t } from "../ui.js";

const { rules } = page;
const CALLED = ["called", "recalled", "last"];

/** The state, or more exactly what the holder should do about it; `face_of` in pages.py says the same. */
export function faceOf({ state, ahead, calls, return_until, steps }) {
  if (state === "waiting" && ahead === 0) return "nobody";
  if (state === "called" && calls > 1) return calls < rules.calls_before_missed ? "recalled" : "last";
  if (state === "missed" && (!return_until || new Date(return_until) <= now())) {
    const missed = steps.at(-1)?.ended_at;
    return missed && now() < new Date(new Date(missed).getTime() + rules.return_within * 60_000) ? "once" : "late";
  }
  return state;
}
export const isNear = ({ state, ahead }) => state === "waiting" && ahead <= page.near;
export const isCalled = (face) => CALLED.includes(face);

const fill = (ticket) => ({ ...rules, window: ticket.window ?? ticket.bound, line: $("#matter").dataset.line, ahead: ticket.ahead, calls: ticket.calls, number: ticket.number,
  left: rules.calls_before_missed - ticket.calls, until: hhmm(ticket.return_until ?? now()) });
export const saying = (key, ticket, more = {}) => t(key, { ...fill(ticket), ...more });

/** Sent on by a window: where to, and that nothing is lost; a line once its name is on the page. */
function noteOf({ state, steps, bound, line }, face) {
  if (state !== "waiting" || steps.at(-1)?.outcome !== "transferred") return `note.${face}`;
  return bound ? "note.moved.window" : $("#matter").dataset.id === line ? "note.moved" : `note.${face}`;
}

function pieces(ids, sentence) {
  const parts = sentence.split("|");
  ids.forEach((id, i) => say(id, parts[i]));
}
function only(id, shown) { $(id).hidden = !shown; }

function range({ range: minutes, no_window }) {
  if (no_window) return t("range.no_window");
  if (!minutes) return t("range.none");
  return minutes.high <= page.soon ? t("range.soon") : t("range", minutes);
}

export function draw(ticket) {
  const face = faceOf(ticket), waiting = ticket.state === "waiting", called = isCalled(face);
  $("#ticket").dataset.face = face;
  pieces(["#lead", "#big", "#tail"], saying(`face.${face}`, ticket));
  say("#note", saying(noteOf(ticket, face), ticket));
  say("#nth", saying("nth", ticket));
  only("#nth", called && face !== "called");
  say("#zone", t("zone", ticket));
  only("#zone", called && ticket.zone);
  only("#near", isNear(ticket));
  only("#wait", waiting);
  pieces(["#range-lead", "#range-big", "#range-tail"], range(ticket));
  if ($("#record")) only("#record", ticket.line === page.ticket.line);      // it is that of the line the page was made for
  say("#place-zone", t("place.zone", ticket));
  only("#place", waiting && ticket.zone);
  only("#cancel", waiting);
  only("#back", face === "missed");
  document.title = [called && saying("title.called", ticket), waiting && saying("title.waiting", ticket), page.ticket.number].filter(Boolean).join(" · ");
}

/** What counts by itself: the time that is left to come back. */
export function tick(ticket) {
  if (ticket.return_until) say("#left", t("back.left", { time: clockOf(Math.max(0, (new Date(ticket.return_until) - now()) / 1000)) }));
}

/** Since when this is known; a page that does not know says so and lets nothing be pressed. */
export function drawLink({ up, begun, live, heard }) {
  const down = begun && !up, time = hhmm(heard);
  document.body.classList.toggle("down", down);
  document.body.classList.toggle("live", up && live);
  say("#asof span", t(down ? "asof.down" : !begun ? "asof" : live ? "asof.live" : "asof.poll", { time }));
  only("#banner", down);
  say("#banner span", down ? t("banner", { time }) : "");
  for (const id of ["#back", "#cancel"]) $(id).setAttribute("aria-disabled", String(!up));
}

export function drawAlerts(alarm, face) {
  only("#alerts", ["waiting", "nobody", "held", ...CALLED].includes(face));
  $("#sound").setAttribute("aria-checked", String(alarm.on));
  say("#sound-text", t(`sound.${alarm.on ? alarm.state : "off"}`));
  only("#heard", isCalled(face) && alarm.ringing);
}

export function notice(text) {
  say("#notice", text);
  only("#notice", text);
}
