// Why others were called first: one sentence, fetched when the row is opened, and again whenever it may be another.
import { $, lang, page, say, t } from "../ui.js";
import { ask } from "../ask.js";

const AGAIN = 10_000;      // ms; what other lines' calls change is noticed no later than the next word of the stream
const row = { open: false, ahead: null, at: 0 };

/** `heard`: when the ticket was last known to stand so; `up` false: nothing is shown as true. */
export function drawWhy({ ticket, up, heard }) {
  row.open &&= ticket.state === "waiting";
  $("#why").hidden = ticket.state !== "waiting";
  $("#why-ask").setAttribute("aria-expanded", String(row.open));
  $("#why-text").hidden = !row.open;
  if (!row.open) { row.ahead = null; return; }
  if (!up) { row.ahead = null; say("#why-text", t("once.linked")); return; }
  if (row.ahead === ticket.ahead && heard - row.at < AGAIN) return;
  Object.assign(row, { ahead: ticket.ahead, at: heard });
  fetchWhy();
}
async function fetchWhy() {
  const { status, body } = await ask(`/api/v1/tickets/${encodeURIComponent(page.id)}/why`);
  say("#why-text", status === 200 ? body[lang] : t("why.away"));
}
export function toggleWhy(follow) {
  row.open = !row.open;
  if (row.open) say("#why-text", t("why.wait"));
  drawWhy(follow);
}
