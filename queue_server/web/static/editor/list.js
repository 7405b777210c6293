// Every guide, narrowed as one types; the choice stands in the address, so that going back finds it again.
import { $, html, lang, named, page, show, t } from "../ui.js";
import { codeName, options, request, whyNot } from "./link.js";

const STEP = 100;
const NAMES = ["q", "department", "theme", "status", "breaches", "due"];
let works = [], due = new Map(), shown = STEP;
const asked = () => Object.fromEntries(NAMES.map((name) => [name, $(`#${name}`).type === "checkbox" ? $(`#${name}`).checked : $(`#${name}`).value.trim()]));

function statesOf(work, day) {
  const found = [];
  if (work.versions.some((one) => one.in_force)) found.push("in_force");
  if (work.versions.some((one) => one.status === "published" && one.effective_from > day)) found.push("coming");
  if (work.versions.some((one) => one.status === "draft")) found.push("draft");
  return found.length ? found : ["ended"];
}
const textOf = (work) => [work.name.zh, work.name.en, work.short_name, work.code, ...work.aliases].join("\n").toLowerCase();

const CHOSEN = {
  q: (work, words) => words.toLowerCase().split(/\s+/).every((word) => work.text.includes(word)),
  department: (work, code) => work.department === code,
  theme: (work, code) => work.themes.includes(code),
  status: (work, state) => work.states.includes(state),
  breaches: (work) => work.breaches > 0,
  due: (work) => due.has(work.code),
};

function row(work) {
  const newest = work.versions.at(-1), current = work.versions.find((one) => one.in_force) ?? newest, on = due.get(work.code);
  return html`<tr><th scope="row"><a href="/editor/guides/${work.code}">${named(work.name)}</a><small>${lang === "en" ? work.name.zh : work.code}</small></th>
    <td>${codeName("departments", work.department)}</td>
    <td>${work.states.map((state) => html`<span class="chip ${state}">${t(`status.${state}`)}</span> `)}</td>
    <td><span class="num">${current.number}</span> <small>${current.effective_from ?? ""}</small></td>
    <td>${work.breaches ? html`<span class="chip bad">${t("breaches.n", { n: work.breaches })}</span>` : html`<span class="dim">—</span>`}</td>
    <td>${on ? html`<span class="chip ${on.overdue ? "warn" : ""}">${on.on}</span>` : html`<span class="dim">—</span>`}</td></tr>`;
}

function narrow() {
  const wanted = Object.entries(asked()).filter(([, value]) => value);
  history.replaceState(null, "", wanted.length ? `?${new URLSearchParams(wanted)}` : location.pathname);
  const found = works.filter((work) => wanted.every(([name, value]) => CHOSEN[name](work, value)));
  show("#count", t("count", { n: found.length, all: works.length }));
  show("#rows", found.length ? found.slice(0, shown).map(row) : html`<tr><td colspan="6" class="dim empty">${t("list.empty")}</td></tr>`);
  $("#more").hidden = found.length <= shown;
}

function draw() {
  const given = new URLSearchParams(location.search);
  show("#main", html`<header class="head"><h1>${t("nav.list")}</h1><p class="dim" id="count" role="status"></p><span class="grow"></span><a class="button main" href="/editor/new">+ ${t("new")}</a></header>
    <form class="card filters" role="search">
      <label class="wide"><span>${t("filter.q")}</span><input type="search" id="q" value="${given.get("q") ?? ""}"></label>
      <label><span>${t("filter.department")}</span><select id="department">${options("departments", given.get("department"), t("all"))}</select></label>
      <label><span>${t("filter.theme")}</span><select id="theme">${options("themes", given.get("theme"), t("all"))}</select></label>
      <label><span>${t("filter.status")}</span><select id="status"><option value="">${t("all")}</option>${["in_force", "draft", "coming", "ended"].map((one) =>
        html`<option value="${one}"${given.get("status") === one ? html` selected` : ""}>${t(`status.${one}`)} (${works.filter((work) => work.states.includes(one)).length})</option>`)}</select></label>
      <label class="tick"><input type="checkbox" id="breaches"${given.get("breaches") ? html` checked` : ""}> ${t("filter.breaches")} (${works.filter((work) => work.breaches).length})</label>
      <label class="tick"><input type="checkbox" id="due"${given.get("due") ? html` checked` : ""}> ${t("filter.due")} (${works.filter((work) => due.has(work.code)).length})</label>
    </form>
    <div class="card scroll" tabindex="0" role="region" aria-label="${t("nav.list")}"><table><thead><tr>${["name", "department", "status", "version", "breaches", "due"].map((one) => html`<th scope="col">${t(`col.${one}`)}</th>`)}</tr></thead><tbody id="rows"></tbody></table>
    <p class="more"><button class="button" id="more" type="button">${t("more")}</button></p></div>`);
  $(".filters").oninput = () => { shown = STEP; narrow(); };
  $(".filters").onsubmit = (event) => event.preventDefault();
  $("#more").onclick = () => { shown += STEP; narrow(); };
  narrow();
}

const [all, dues] = await Promise.all([request("/guides/versions"), request("/guides/due?within=0")]);
if (all.status !== 200) show("#main", html`<p class="card empty">${whyNot(all)}</p>`);
else {
  works = all.body.guides.map((work) => ({ ...work, states: statesOf(work, page.day), text: textOf(work) })).sort((a, b) => a.name.zh.localeCompare(b.name.zh, "zh"));
  due = new Map((dues.body?.due ?? []).toReversed().map((one) => [one.code, one]));
  draw();
}
