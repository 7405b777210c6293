// The form of a guide: drawn from its values, which every stroke writes back; lists grow, shrink and change their order.
import { $, $$, html, page, show, t } from "../ui.js";
import { ENTRIES, FRESH, GROUPS, at, put } from "./fields.js";
import { label, options } from "./link.js";

const LINES = /\r?\n/;
/** What stands in a control → the value. */
const READ = {
  number: (el) => el.value === "" ? 0 : Number(el.value),
  flag: (el) => el.checked,
  lines: (el) => el.value.split(LINES).map((one) => one.trim()).filter(Boolean),
  numbers: (el) => el.value.split(/[^\d]+/).filter(Boolean).map(Number),
};

export const labelOf = (path) => {
  const [list, , name] = path.split(".");
  if (!name) return label(list);
  const own = name.endsWith("_en") ? t("english", { of: t(`f.${list}.${name.slice(0, -3)}`) }) : t(`f.${list}.${name}`);
  return own;
};

const attributes = (path) => html`id="f-${path}" data-path="${path}" aria-describedby="m-${path}"`;
const DRAW = {
  line: (path, value) => html`<input type="text" ${attributes(path)} value="${value ?? ""}" autocomplete="off"${path === "code" && page.code ? html` readonly` : ""}>`,
  text: (path, value) => html`<textarea rows="3" ${attributes(path)}>${value ?? ""}</textarea>`,
  lines: (path, value) => html`<textarea rows="3" ${attributes(path)} data-kind="lines">${(value ?? []).join("\n")}</textarea>`,
  numbers: (path, value) => html`<input type="text" inputmode="numeric" ${attributes(path)} data-kind="numbers" value="${(value ?? []).join(", ")}">`,
  number: (path, value) => html`<input type="number" min="0" max="9999" ${attributes(path)} data-kind="number" value="${value ?? 0}">`,
  code: (path, value, { table }) => html`<select ${attributes(path)}>${options(table, value, value ? undefined : "—")}</select>`,
  optional: (path, value, { table }) => html`<select ${attributes(path)}>${options(table, value, t("none"))}</select>`,
};
/** These have more than one control, so their name is a legend. */
const SEVERAL = {
  codes: (path, value, { table }) => html`<div class="ticks">${Object.entries(page.tables[table]).map(([code, entry]) =>
    html`<label><input type="checkbox" data-path="${path}" data-kind="codes" value="${code}"${(value ?? []).includes(code) ? html` checked` : ""}> ${document.documentElement.lang === "en" ? entry.en : entry.zh}</label>`)}</div>`,
  span: (path, value) => html`<div class="span"><input type="number" min="0" max="9999" id="f-${path}" data-path="${path}" data-kind="span" aria-label="${t("span.number")}" aria-describedby="m-${path}" value="${value?.number ?? ""}">
    <select data-path="${path}.unit" id="f-${path}.unit" aria-label="${t("span.unit")}">${options("units", value?.unit ?? "working_day")}</select>
    <input type="text" data-path="${path}.note" aria-label="${t("span.note")}" placeholder="${t("span.note")}" value="${value?.note ?? ""}">
    <input type="text" class="second" lang="en" data-path="${path}.note_en" aria-label="${t("english", { of: t("span.note") })}" placeholder="${t("english", { of: t("span.note") })}" value="${value?.note_en ?? ""}"></div>`,
};

function drawn(field, path, guide) {
  const value = at(guide, path), message = html`<p class="wrong" id="m-${path}" hidden></p>`;
  if (field.kind === "list") return html`<div class="list" data-field="${path}" id="list-${path}"></div>`;
  if (field.kind === "flag") return html`<div class="field flag" data-field="${path}"><label><input type="checkbox" data-kind="flag" ${attributes(path)}${value ? html` checked` : ""}> ${labelOf(path)}</label>${message}</div>`;
  if (SEVERAL[field.kind]) return html`<fieldset class="field ${field.kind}" data-field="${path}"><legend>${labelOf(path)}</legend>${SEVERAL[field.kind](path, value, field)}${message}</fieldset>`;
  return html`<div class="field ${field.kind}" data-field="${path}"><label for="f-${path}">${labelOf(path)}</label>${DRAW[field.kind](path, value, field)}${message}</div>`;
}

export class Form {
  /** `changed` is told after every stroke. */
  constructor(where, guide, changed) {
    this.where = where;
    this.guide = guide;
    this.changed = changed;
    show(where, GROUPS.map(([name, fields]) => html`<section class="card group" id="g-${name}" aria-labelledby="h-${name}"><h2 id="h-${name}">${t(`group.${name}`)}</h2>
      <div class="fields">${fields.map((field) => drawn(field, field.name, guide))}</div></section>`));
    for (const list of Object.keys(ENTRIES)) this.#list(list);
    where.oninput = ({ target }) => { if (target.dataset.path) this.#read(target); };
    where.onclick = ({ target }) => { const button = target.closest("button[data-do]"); if (button) this.#move(button.dataset); };
  }

  #read(el) {
    const { path, kind } = el.dataset;
    if (kind === "codes") put(this.guide, path, $$(`input[data-path="${path}"]:checked`, this.where).map((one) => one.value));
    else if (kind === "span") this.#span(path, el.value);
    else if (/\.(unit|note|note_en)$/.test(path) && at(this.guide, path.replace(/\.\w+$/, "")) === null) return;      // of no time there is no unit
    else put(this.guide, path, (READ[kind] ?? ((one) => one.value))(el));
    this.changed();
  }

  /** No number: no time, where there may be none. */
  #span(path, text) {
    if (text === "") { put(this.guide, path, null); return; }
    const rest = at(this.guide, path) ?? { unit: $(`[id="f-${path}.unit"]`).value, note: "" };
    put(this.guide, path, { ...rest, number: Number(text) });
  }

  #list(list) {
    const entries = this.guide[list] ??= [];
    show($(`#list-${list}`), html`${entries.map((entry, n) => html`<details class="entry" data-field="${list}.${n}"${entry.fresh || entries.length < 3 ? html` open` : ""}>
      <summary><b>${n + 1}. <span data-title="${list}.${n}">${this.#title(list, entry)}</span></b></summary>
      <div class="tools">${[["up", n > 0], ["down", n < entries.length - 1], ["remove", true]].map(([what, can]) =>
        html`<button type="button" class="button small" data-do="${what}" data-list="${list}" data-n="${n}"${can ? "" : html` disabled`}>${t(`entry.${what}`)}<span class="only-heard"> ${n + 1}</span></button>`)}</div>
      <div class="fields">${ENTRIES[list].map((field) => drawn(field, `${list}.${n}.${field.name}`, this.guide))}</div></details>`)}
      <p class="wrong" id="m-${list}" hidden></p>
      <button type="button" class="button" data-do="add" data-list="${list}">+ ${t(`entry.add.${list}`)}</button>`);
  }

  #title(list, entry) {
    if (list === "steps") return page.tables.stages[entry.stage]?.[document.documentElement.lang === "en" ? "en" : "zh"] ?? entry.stage;
    if (list === "places") return entry.name || entry.area;
    return entry.name ?? entry.question ?? "";
  }

  #move({ do: what, list, n }) {
    const entries = this.guide[list], open = $$(`#list-${list} > details`).map((one) => one.open), place = Number(n);
    const to = { up: place - 1, down: place + 1 }[what] ?? place;
    if (what === "add") { entries.push(FRESH[list]()); open.push(true); }
    else if (what === "remove") { entries.splice(place, 1); open.splice(place, 1); }
    else for (const some of [entries, open]) some.splice(to, 0, ...some.splice(place, 1));
    $(`#list-${list}`).shownHtml = null;
    this.#list(list);
    $$(`#list-${list} > details`).forEach((one, at) => { one.open = open[at]; });
    const shown = $$(`#list-${list} > details`)[what === "add" ? entries.length - 1 : Math.min(to, entries.length - 1)];
    (what === "add" ? $("select, input", shown) : shown ? $("summary", shown) : $(`#list-${list} > button`)).focus();
    this.changed();
  }

  /** Shows at each field what is wrong with it: [{field, words}]. */
  tell(found) {
    for (const one of $$(".wrong", this.where)) { one.hidden = true; one.textContent = ""; }
    for (const one of $$("[aria-invalid]", this.where)) one.removeAttribute("aria-invalid");
    for (const { field, words } of found) {
      const box = this.#nearest(field, (path) => $(`[id="m-${path}"]`, this.where));
      if (box) { box.hidden = false; box.textContent = [box.textContent, words].filter(Boolean).join("；"); }
      this.control(field)?.setAttribute("aria-invalid", "true");
    }
    for (const one of $$("[data-title]", this.where)) { const [list, n] = one.dataset.title.split("."); one.textContent = this.#title(list, this.guide[list][n]); }
  }
  control(field) {
    return this.#nearest(field, (path) => $(`[id="f-${path}"]`, this.where) ?? $(`[data-field="${path}"] :is(input, button, summary)`, this.where));
  }
  /** Brings a field to sight, whatever is folded, and to hand. */
  go(field) {
    const control = this.control(field);
    if (!control) return;
    for (let up = control.closest("details"); up; up = up.parentElement.closest("details")) up.open = true;
    control.focus();
    control.scrollIntoView({ block: "center" });
  }
  /** What stands for a field, or for the nearest one around it. */
  #nearest(field, find) {
    for (let path = field; path; path = path.includes(".") ? path.replace(/\.[^.]*$/, "") : "") { const found = find(path); if (found) return found; }
    return null;
  }
}
