// How was it? Five faces, one tap. The server tells nobody who answered, not even this page: the phone remembers it.
import { $, $$, lang, now, page, t } from "../ui.js";
import { keep, kept } from "./keep.js";
import { notice } from "./face.js";

let rated = kept(page.id).rated === true, over = false, busy = false;

export function drawRate({ ticket, up }) {
  const done = ticket.state === "done";
  $("#rate").hidden = !done || rated || over || now() >= new Date(page.rate_until);
  $("#rated").hidden = !done || !rated;
  for (const button of $$("#rate button")) button.setAttribute("aria-disabled", String(!up));
}

/** `follow` is the line to the server, `changed()` draws the page again. */
export function listenToRatings(follow, changed) {
  $("#rate").addEventListener("click", async ({ target }) => {
    const button = target.closest("button");
    if (!button || busy) return;
    if (!follow.up) { notice(t("rate.linked")); return; }
    busy = true;
    const { status, body } = await follow.act("rating", { level: Number(button.dataset.level), language: lang });
    busy = false;
    const why = body?.detail?.why;
    rated ||= status === 201 || why === "rated";
    over = why === "over";
    if (rated) keep(page.id, { rated });
    notice(rated ? "" : over ? t("rate.over") : t("unknown"));
    changed();
    if (rated) $("#rated").focus();
  });
}
