// What becomes of a guide: published on a date, reviewed, retired; and the list of its versions.
import { html, page, t } from "../ui.js";
import { options, question, request, whyNot } from "./link.js";

const tomorrow = (day) => new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10);

/** The versions, the newest first; each is one click from what it changed. */
export const sideOf = (versions) => html`<h2>${t("versions")}</h2><ul class="versions">${versions.toReversed().map((one) => html`<li>
    <p><b class="num">${one.number}</b> <span class="chip ${one.status === "draft" ? "draft" : one.in_force ? "in_force" : ""}">${one.in_force ? t("status.in_force") : t(`version.${one.status}`)}</span></p>
    <p class="cap dim">${one.effective_from ? `${one.effective_from} – ${one.effective_to ?? "…"}` : t("version.no.date")}</p>
    <p class="cap dim">${t("version.by", { who: one.published_by || one.made_by })}</p>
    <p class="cap">${one.number > 1 ? html`<a href="/editor/guides/${page.code}/diff?old=${one.number - 1}&new=${one.number}">${t("diff.before")}</a> ` : ""}
      ${one.status === "draft" ? "" : html`<a href="/g/${page.code}/${one.number}" target="_blank" rel="noopener">${t("public")}</a>`}</p></li>`)}</ul>`;

const dated = (name, value, least) => html`<label><span>${t(`ask.${name}`)}</span><input type="date" name="${name}" value="${value}" min="${least}"></label>`;
const reason = html`<label><span>${t("ask.reason")}</span><textarea name="reason" rows="3" required maxlength="500"></textarea></label>`;

export function actions({ here, save, dirty, note, path, versions, tell }) {
  const first = () => here.versions.length < 2;
  async function done(answer, words) {
    if (answer.status >= 300 || answer.status === 0) {
      const breaches = answer.body?.detail?.breaches;
      if (breaches) tell(breaches.map((one) => ({ field: one.field, words: document.documentElement.lang === "en" ? one.en : one.zh })));
      note(breaches ? t("publish.refused", { n: breaches.length }) : whyNot(answer), true);
      return;
    }
    await versions({ edits: true });
    note(words);
  }
  return {
    async publish() {
      if (dirty() && !await save()) return;
      if (!here.versions.some((one) => one.status === "draft")) { note(t("publish.none"), true); return; }
      const answer = await question(t("publish"), html`<p>${t("publish.text")}</p>${dated("effective_from", first() ? page.day : tomorrow(page.day), first() ? "" : page.day)}${dated("effective_to", "", page.day)}`, t("publish"));
      if (!answer) return;
      const body = { effective_from: answer.effective_from || null, effective_to: answer.effective_to || null };
      await done(await request(`${path()}/publish`, { method: "POST", body }), t("published", { day: answer.effective_from }));
    },
    async retire() {
      const answer = await question(t("retire"), html`<p>${t("retire.text")}</p>${dated("on", page.day, page.day)}${reason}`, t("retire"));
      if (answer) await done(await request(`${path()}/retire`, { method: "POST", body: { on: answer.on, reason: answer.reason } }), t("retired", { day: answer.on }));
    },
    async review() {
      const verdicts = ["keep", "revise", "retire"].map((one, n) => html`<label class="tick"><input type="radio" name="verdict" value="${one}"${n ? "" : html` checked`}> ${t(`verdict.${one}`)}</label>`);
      const answer = await question(t("review"), html`<label><span>${t("ask.kind")}</span><select name="kind">${options("reviews", "standard")}</select></label>
        <fieldset><legend>${t("ask.verdict")}</legend>${verdicts}</fieldset>${reason}`, t("review.go"));
      if (!answer) return;
      const { kind, verdict, reason: why } = answer;
      await done(await request(`${path()}/reviews`, { method: "POST", body: { kind, verdict, reason: why } }), t(`reviewed.${verdict}`));
    },
  };
}
