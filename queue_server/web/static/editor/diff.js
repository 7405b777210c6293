// Two versions of a guide side by side: only what differs, texts word by word.
import { $, html, page, show, t } from "../ui.js";
import { ENTRIES as LISTS, TABLES } from "./fields.js";
import { codeName, label, request, whyNot } from "./link.js";

const asked = new URLSearchParams(location.search);
const path = `/guides/${encodeURIComponent(page.code)}`;

/** materials.户口簿.copies → 申请材料 › 户口簿 › 份数 */
function titleOf(where, short = false) {
  const [list, ...rest] = where.split(".");
  if (where.endsWith(" (order)")) return `${label(where.slice(0, -8))} › ${t("diff.order")}`;
  if (!rest.length) return label(list);
  const inEnglish = (one, words) => one?.endsWith("_en") ? t("english", { of: words }) : words;
  if (["statutory", "promised"].includes(list)) return `${label(list)} › ${inEnglish(rest[0], t(`span.${rest[0].replace(/_en$/, "")}`))}`;
  const last = rest.length > 1 ? rest.pop() : null, name = last?.replace(/_en$/, "");
  const said = last && (["number", "unit", "note"].includes(name) ? t(`span.${name}`) : t(`f.${list}.${name}`));
  if (short) return list in LISTS ? inEnglish(last, said) : "";
  const entry = list === "steps" ? codeName("stages", rest[0]) : list === "places" ? codeName("areas", rest[0]) : rest.join(".");
  return [label(list), entry, inEnglish(last, said)].filter(Boolean).join(" › ");
}

/** `list` is that of an entry that came or went as a whole: its fields are named. */
function valueOf(value, field, list) {
  if (value === null || value === undefined || value === "") return html`<span class="dim">${t("diff.nothing")}</span>`;
  if (typeof value === "boolean") return t(value ? "yes" : "no");
  if (Array.isArray(value)) return value.length ? html`<ul class="bullets">${value.map((one) => html`<li>${valueOf(one, field)}</li>`)}</ul>` : valueOf(null, field);
  if (typeof value === "object") return Object.entries(value).filter(([, one]) => one !== "" && one !== null && !(Array.isArray(one) && !one.length)).map(([name, one]) => html`<div>${list && html`<small class="inline">${titleOf(`${list}..${name}`, true)}</small> `}${valueOf(one, name)}</div>`);
  return TABLES[field] ? codeName(TABLES[field], value) : value;
}
const side = (difference, sign) => difference.pieces.length
  ? difference.pieces.filter(([kind]) => kind === "=" || kind === sign).map(([kind, words]) => kind === "=" ? words : sign === "-" ? html`<del>${words}</del>` : html`<ins>${words}</ins>`)
  : valueOf(sign === "-" ? difference.old : difference.new, difference.path.split(".").at(-1), difference.path.split(".")[0]);

const [known, found] = await Promise.all([request(`${path}/versions`), request(`${path}/diff?old=${Number(asked.get("old")) || 1}&new=${Number(asked.get("new")) || 1}`)]);
if (found.status !== 200 || known.status !== 200) show("#main", html`<p class="card empty">${whyNot(found.status === 200 ? known : found)}</p>`);
else {
  const { old, new: now, differences } = found.body;
  const pick = (name, chosen) => html`<select id="${name}" aria-label="${t(`diff.${name}`)}">${known.body.versions.map((one) =>
    html`<option value="${one.number}"${one.number === chosen ? html` selected` : ""}>${t("diff.version", { n: one.number, from: one.effective_from ?? t("version.draft") })}</option>`)}</select>`;
  show("#main", html`<header class="head"><h1>${t("diff")}</h1><span class="grow"></span><a class="button" href="/editor/guides/${page.code}">${t("back")}</a></header>
    <div class="card scroll" tabindex="0" role="region" aria-label="${t("diff")}"><table class="diff"><thead><tr><th scope="col">${t("diff.field")}</th><th scope="col">${pick("old", old)}</th><th scope="col">${pick("new", now)}</th></tr></thead>
    <tbody>${differences.length ? differences.map((one) => html`<tr><th scope="row">${titleOf(one.path)}</th><td>${side(one, "-")}</td><td>${side(one, "+")}</td></tr>`)
      : html`<tr><td colspan="3" class="dim empty">${t("diff.same")}</td></tr>`}</tbody></table></div>`);
  $(".diff").onchange = () => location.assign(`?old=${$("#old").value}&new=${$("#new").value}`);
}
