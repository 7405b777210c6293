// Everyday names a guide might get: what people searched for in vain and what sounds like it.
import { $, html, show, t } from "../ui.js";
import { request } from "./link.js";

const SHOWN = 8, ALIKE = 0.3;
const pairs = (words) => new Set([...words].slice(1).map((one, n) => [...words][n] + one));

/** How much of the search stands in the guide's own words, 0 to 1. */
export function alike(search, guide) {
  const own = pairs([guide.name, guide.short_name, guide.name_en.toLowerCase(), ...guide.aliases].join("\n")), asked = [...pairs(search)];
  return asked.length ? asked.filter((one) => own.has(one)).length / asked.length : 0;
}

let searches = null;
export async function propose(guide, added) {
  searches ??= request("/guides/searches", { quiet: true });
  const found = ((await searches).body?.searches ?? [])
    .filter(({ words }) => !guide.aliases.includes(words))
    .map((one) => ({ ...one, alike: alike(one.words, guide) })).filter((one) => one.alike >= ALIKE)
    .sort((a, b) => b.alike - a.alike || b.count - a.count).slice(0, SHOWN);
  const box = $("#names");
  box.hidden = !found.length;
  show(box, html`<h2>${t("names")}</h2><p class="cap dim">${t("names.help")}</p><div class="ticks">${found.map(({ words, count }) =>
    html`<button type="button" class="button small" data-words="${words}">+ ${words} <small>${t("names.n", { n: count })}</small></button>`)}</div>`);
  box.onclick = ({ target }) => {
    const button = target.closest("[data-words]");
    if (!button) return;
    guide.aliases.push(button.dataset.words);
    added();
  };
}
