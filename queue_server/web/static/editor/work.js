// The work on the catalogue as a whole: what is due for review, what nobody found, files in and out.
import { $, html, lang, page, show, t } from "../ui.js";
import { codeName, options, request, whyNot } from "./link.js";

const head = (name, lead) => html`<header class="head"><h1>${t(`nav.${name}`)}</h1><p class="dim">${lead}</p></header>`;
const table = (name, columns, rows) => html`<div class="card scroll" tabindex="0" role="region" aria-label="${t(`nav.${name}`)}"><table><thead><tr>${columns.map((one) => html`<th scope="col">${t(`col.${one}`)}</th>`)}</tr></thead>
  <tbody>${rows.length ? rows : html`<tr><td colspan="${columns.length}" class="dim empty">${t(`empty.${name}`)}</td></tr>`}</tbody></table></div>`;
const failed = (answer) => show("#main", html`<p class="card empty">${whyNot(answer)}</p>`);
const day = (instant) => instant.slice(0, 10);

async function due() {
  const answer = await request("/guides/due");
  if (answer.status !== 200) { failed(answer); return; }
  show("#main", html`${head("due", t("due.lead"))}${table("due", ["name", "kind", "on", "last"], answer.body.due.map((one) => html`<tr>
    <th scope="row"><a href="/editor/guides/${one.code}">${one.name}</a></th><td>${codeName("reviews", one.kind)}</td>
    <td>${one.on} ${one.overdue ? html`<span class="chip warn">${t("overdue")}</span>` : ""}</td>
    <td>${one.last ? html`${t(`verdict.${one.last.verdict}`)} · ${day(one.last.at)}<small>${one.last.reason}</small>` : html`<span class="dim">—</span>`}</td></tr>`))}`);
}

async function searches() {
  const answer = await request("/guides/searches");
  if (answer.status !== 200) { failed(answer); return; }
  show("#main", html`${head("searches", t("searches.lead"))}${table("searches", ["words", "count", "last.at", "look"], answer.body.searches.map((one) => html`<tr>
    <th scope="row">${one.words}</th><td class="num">${one.count}</td><td>${day(one.last_at)}</td><td><a href="/editor?q=${encodeURIComponent(one.words)}">${t("searches.look")}</a></td></tr>`))}`);
}

// ---- files ----
const base64 = (file) => new Promise((done, wrong) => {
  const reader = new FileReader();
  reader.onload = () => done(reader.result.slice(reader.result.indexOf(",") + 1));
  reader.onerror = wrong;
  reader.readAsDataURL(file);
});
const SHOWN = 200;
function reported(report, done) {
  const rows = [...report.faults.map((one) => [one, "bad"]), ...report.notes.map((one) => [one, "warn"])];
  return html`<h2 class="${report.faults.length ? "" : "good"}">${report.faults.length ? t("import.faults", { n: report.faults.length }) : done ? t("import.done") : t("import.good")}</h2>
    <p>${t("import.counts", { added: report.added.length, changed: report.changed.length, unchanged: report.unchanged.length })}</p>
    ${rows.length ? html`<div class="scroll short" tabindex="0" role="region" aria-label="${t("import.report")}"><table><thead><tr>${["row", "name", "column", "what"].map((one) => html`<th scope="col">${t(`col.${one}`)}</th>`)}</tr></thead>
      <tbody>${rows.slice(0, SHOWN).map(([one, kind]) => html`<tr><td class="num">${one.row || "—"}</td><td>${one.name}</td><td>${one.column}</td><td><span class="chip ${kind}">${one.rule}</span> ${lang === "en" ? one.en : one.zh}</td></tr>`)}</tbody></table></div>` : ""}
    ${rows.length > SHOWN ? html`<p class="dim">${t("import.more", { n: rows.length - SHOWN })}</p>` : ""}`;
}
async function send(dry) {
  const [file] = $("#file").files;
  if (!file) { show("#report", html`<p class="wrong">${t("import.no.file")}</p>`); $("#file").focus(); return; }
  const body = { format: file.name.toLowerCase().endsWith(".csv") ? "csv" : "json", content: await base64(file), as_drafts: $("#drafts").checked, dry_run: dry };
  for (const button of [$("#try"), $("#take")]) button.disabled = true;
  const answer = await request("/guides/import", { method: "POST", body, long: true });
  $("#try").disabled = false;
  const report = answer.status === 200 ? answer.body : answer.body?.detail?.faults?.[0]?.rule ? answer.body.detail : null;
  show("#report", report ? reported(report, !dry) : html`<p class="wrong">${whyNot(answer)}</p>`);
  $("#take").disabled = !(dry && report && !report.faults.length);
}
function files() {
  show("#main", html`${head("files", t("files.lead"))}<div class="two">
    <section class="card pad" aria-labelledby="h-in"><h2 id="h-in">${t("import")}</h2><p class="dim">${t("import.lead")}</p>
      <label><span>${t("import.file")}</span><input type="file" id="file" accept=".csv,.json"></label>
      <label class="tick"><input type="checkbox" id="drafts" checked> ${t("import.drafts")}</label>
      <div class="acts"><button type="button" class="button" id="try">${t("import.try")}</button><button type="button" class="button main" id="take" disabled>${t("import.go")}</button></div>
      <div id="report" aria-live="polite"></div></section>
    <div><section class="card pad" aria-labelledby="h-out"><h2 id="h-out">${t("export")}</h2><p class="dim">${t("export.lead")}</p>
      <div class="acts">${["csv", "json"].map((kind) => html`<a class="button" href="/api/v1/guides/export?format=${kind}" download="guides-${page.day}.${kind}">${kind.toUpperCase()}</a>`)}</div></section>
    <section class="card pad" aria-labelledby="h-book"><h2 id="h-book">${t("handbook")}</h2><p class="dim">${t("handbook.lead")}</p>
      <label><span>${t("filter.department")}</span><select id="department">${options("departments", "")}</select></label>
      <div class="acts"><button type="button" class="button main" id="book">${t("handbook.go")}</button></div><p id="made" role="status"></p></section></div></div>`);
  $("#try").onclick = () => send(true);
  $("#take").onclick = () => send(false);
  $("#file").onchange = $("#drafts").onchange = () => { $("#take").disabled = true; show("#report", ""); };
  $("#book").onclick = book;
}
/** Made by the server in some seconds; the link that saves it is pressed when it is there. */
async function book() {
  const department = $("#department").value, button = $("#book");
  button.disabled = true;
  show("#made", t("handbook.making"));
  let words = t("handbook.made");
  try {
    const answer = await fetch(`/api/v1/guides/handbook?department=${department}&lang=${lang}`, { signal: AbortSignal.timeout(120_000) });
    if (!answer.ok) words = answer.status === 404 ? t("handbook.none") : t("refused", { why: answer.status });
    else {
      const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(await answer.blob()), download: `handbook-${department}-${page.day}.pdf` });
      link.click();
      URL.revokeObjectURL(link.href);
    }
  } catch { words = t("down"); }
  button.disabled = false;
  show("#made", words);
}

({ due, searches, files })[page.view]();
