// One guide: its draft is checked as it is written and kept in this browser until it is saved; then dates, versions, reviews.
import { $, html, lang, page, show, t } from "../ui.js";
import { Form, labelOf } from "./form.js";
import { GROUPS } from "./fields.js";
import { label, question, request, whyNot } from "./link.js";
import { actions, sideOf } from "./life.js";
import { propose } from "./propose.js";

const CHECK_AFTER = 600;
const KEPT = `yichuang.editor.${page.code || "new"}`;
const EMPTY = { code: "", name: "", name_en: "", short_name: "", aliases: [], type: "public_service", level: "city", department: "", kind: "promised",
  promised: { number: 5, unit: "working_day", note: "" }, steps: [], materials: [], places: [], faq: [], visits: 0 };

const here = { guide: null, versions: [], edits: 0, saved: "", form: null, busy: false, found: [] };
const text = () => JSON.stringify(here.guide);
const dirty = () => text() !== here.saved;
const path = () => `/guides/${encodeURIComponent(here.guide.code)}`;
export const inOwn = (one) => lang === "en" ? one.en : one.zh;

// ---- kept here until it is saved ----
function keep() {
  try {
    if (dirty()) localStorage.setItem(KEPT, JSON.stringify({ at: new Date().toISOString(), edits: here.edits, guide: here.guide }));
    else localStorage.removeItem(KEPT);
  } catch { /* a full or forbidden storage: the page itself still holds it */ }
}
function kept() {
  try { return JSON.parse(localStorage.getItem(KEPT)); } catch { return null; }
}

// ---- checking while one writes ----
let timer = null, asked = 0;
function changed() {
  keep();
  status();
  clearTimeout(timer);
  timer = setTimeout(check, CHECK_AFTER);
}
async function check() {
  if (!here.guide.code) { tell([{ field: "code", words: t("code.first") }]); return; }
  const mine = ++asked, before = text();
  const answer = await request(`${path()}/draft`, { method: "PUT", body: { guide: here.guide, dry_run: true }, quiet: true });
  if (mine !== asked || before !== text()) return;      // something was written meanwhile: its own check follows
  if (answer.status === 200) tell(answer.body.breaches.map((one) => ({ field: one.field, words: inOwn(one) })));
  else if (answer.status === 422) tell(faultsOf(answer.body));
}
/** "materials.0.name: why" → {field, words}. */
const faultsOf = (body) => (body.detail?.faults ?? [`${body.detail?.field ?? ""}: ${body.message}`]).map((one) => {
  const [, field, why] = /^([\w.]*):? ?(.*)$/s.exec(one);
  return { field, words: t("fault", { why: why || one }) };
});
function tell(found) {
  here.found = found;
  here.form.tell(found);
  show("#found", found.length ? html`<h2>${t("found.n", { n: found.length })}</h2><ul>${found.map((one) =>
    html`<li><button type="button" data-go="${one.field}"><b>${one.field ? labelOf(one.field) : ""}</b> ${one.words}</button></li>`)}</ul>`
    : html`<h2 class="good">${t("found.none")}</h2>`);
  for (const [name, fields] of GROUPS) {
    const n = found.filter((one) => fields.some((field) => one.field.split(".")[0] === field.name)).length;
    show(`#n-${name}`, n ? html`<span class="chip bad">${n}</span>` : "");
  }
}

// ---- saving ----
async function save() {
  if (here.busy) return false;
  busy(true);
  const sent = text();
  const answer = await request(`${path()}/draft`, { method: "PUT", body: { guide: here.guide, if_edits: here.edits } });
  busy(false);
  if (answer.status === 200) {
    here.edits = answer.body.edits;
    here.saved = sent;
    keep();
    tell(answer.body.breaches.map((one) => ({ field: one.field, words: inOwn(one) })));
    if (!page.code) { localStorage.removeItem(KEPT); location.replace(`/editor/guides/${here.guide.code}`); return true; }
    await versions();
    note(t("saved"));
    return true;
  }
  if (answer.status === 409) return conflict();
  if (answer.status === 422) { tell(faultsOf(answer.body)); here.form.go(here.found[0].field); }
  note(answer.status === 422 ? t("save.refused") : `${t("save.failed")} ${whyNot(answer)}`, true);
  return false;
}
/** Somebody else saved meanwhile: whose counts is asked, and what is not chosen is still in the list of versions or here. */
async function conflict() {
  await versions();
  const draft = here.versions.find((one) => one.status === "draft");
  const theirs = draft && (await request(`${path()}/versions/${draft.number}`)).body?.guide;
  if (!theirs) { note(t("save.failed"), true); return false; }
  const differ = Object.keys(page.labels).filter((field) => JSON.stringify(theirs[field] ?? null) !== JSON.stringify(here.guide[field] ?? null));
  const answer = await question(t("conflict"), html`<p>${t("conflict.text", { who: draft.made_by })}</p><ul class="bullets">${differ.map((field) =>
    html`<li>${label(field)}</li>`)}</ul>`, t("conflict.mine"), [["theirs", t("conflict.theirs")]]);
  if (!answer) { note(t("conflict.later"), true); return false; }
  here.edits = draft.edits;
  if (answer.way === "theirs") { begin(theirs); return false; }
  return save();
}

function busy(is) {
  here.busy = is;
  $("#save").setAttribute("aria-busy", String(is));
}
let noted = null;
function note(words, bad = false) {
  const box = $("#note");
  box.classList.toggle("bad", bad);
  show(box, words);
  clearTimeout(noted);
  if (!bad) noted = setTimeout(() => show(box, ""), 6_000);
}
function status() {
  show("#dirty", dirty() ? html`<span class="chip warn">${t("dirty")}</span>` : page.code ? html`<span class="chip">${t("clean")}</span>` : "");
}

// ---- beginning ----
/** Fetches the list of versions; `edits` is learned only where one takes over what is there, else others' would be covered. */
async function versions({ edits = false } = {}) {
  if (!here.guide?.code && !page.code) return true;
  const answer = await request(`/guides/${encodeURIComponent(page.code || here.guide.code)}/versions`);
  if (answer.status !== 200 && answer.status !== 404) return false;
  here.versions = answer.body.versions ?? [];
  if (edits) here.edits = here.versions.find((one) => one.status === "draft")?.edits ?? 0;
  if ($("#side")) show("#side", sideOf(here.versions));
  return true;
}
function begin(guide, saved = guide) {
  here.guide = structuredClone(guide);
  here.saved = JSON.stringify(saved);
  $("#form").shownHtml = null;
  here.form = new Form($("#form"), here.guide, changed);
  if (!page.code) compose();
  keep();
  status();
  check();
  propose(here.guide, () => { begin(here.guide, JSON.parse(here.saved)); changed(); });
}
/** The code of a new guide is put together from department, level, type and eight digits of its own. */
function compose() {
  const own = $('[id="f-code"]');
  own.placeholder = t("code.such");
  own.addEventListener("change", () => {
    const { departments, levels, types, issuer } = page.tables, { department, level, type } = here.guide;
    if (!/^\d{8}$/.test(own.value) || !departments[department]) return;
    own.value = `${departments[department].credit_code}${levels[level]?.code}${issuer}${types[type]?.code}${own.value}`;
    own.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

function frame() {
  show("#main", html`<nav class="groups" aria-label="${t("groups")}">${GROUPS.map(([name]) => html`<a href="#g-${name}">${t(`group.${name}`)} <span id="n-${name}"></span></a>`)}</nav>
    <div class="middle"><header class="head"><h1>${page.code ? t("edit") : t("new")}</h1><span id="dirty"></span></header>
      <div class="card restore" id="restore" hidden></div><form id="form" novalidate></form></div>
    <aside class="side" aria-label="${t("side")}">
      <div class="card do"><button type="button" class="button main" id="save">${t("save")} <kbd>Ctrl S</kbd></button>
        <p id="note" role="status"></p>
        ${page.code && html`<div class="acts">${["publish", "review", "retire"].map((name) => html`<button type="button" class="button" data-act="${name}">${t(name)}</button>`)}</div>`}</div>
      <section class="card found" id="found" aria-live="polite"></section>
      <section class="card names" id="names" hidden></section>
      <section class="card" id="side">${page.code ? "" : html`<p class="dim">${t("new.help")}</p>`}</section></aside>`);
  $("#form").onsubmit = (event) => event.preventDefault();
  $("#save").onclick = save;
  $("#found").onclick = ({ target }) => { const button = target.closest("[data-go]"); if (button) here.form.go(button.dataset.go); };
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.code === "KeyS") { event.preventDefault(); if (!$("dialog[open]")) save(); }
  });
  const act = actions({ here, save, dirty, note, path, versions, tell });
  $("#main").addEventListener("click", ({ target }) => { const button = target.closest("[data-act]"); if (button) act[button.dataset.act](); });
}

function offer(old) {
  const box = $("#restore");
  box.hidden = false;
  show(box, html`<p>${t("restore", { at: new Date(old.at).toLocaleString(lang === "en" ? "en-GB" : "zh-CN") })}</p><button type="button" class="button main">${t("restore.yes")}</button><button type="button" class="button">${t("restore.no")}</button>`);
  const [yes, no] = box.querySelectorAll("button");
  yes.onclick = () => { box.hidden = true; here.edits = old.edits; begin(old.guide, JSON.parse(here.saved)); };
  no.onclick = () => { box.hidden = true; keep(); };
}

async function start() {
  const old = kept();
  if (!await versions({ edits: true })) { show("#main", html`<p class="card empty">${t("down")}</p>`); return; }
  const last = here.versions.at(-1);
  let guide = EMPTY;
  if (last) {
    const answer = await request(`/guides/${encodeURIComponent(page.code)}/versions/${last.number}`);
    if (answer.status !== 200) { show("#main", html`<p class="card empty">${whyNot(answer)}</p>`); return; }
    guide = answer.body.guide;
  } else if (page.code) { show("#main", html`<p class="card empty">${t("no.guide")} <a href="/editor">${t("nav.list")}</a></p>`); return; }
  frame();
  show("#side", page.code ? sideOf(here.versions) : html`<p class="dim">${t("new.help")}</p>`);
  begin(guide);
  if (old && JSON.stringify(old.guide) !== here.saved) {
    offer(old);
    try { localStorage.setItem(KEPT, JSON.stringify(old)); } catch { /* as in keep */ }
  }
}
start();
