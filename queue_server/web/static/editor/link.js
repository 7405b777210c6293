// The editor's line to the server: every change with a key of its own, progress when it takes long, and a session that
// ends or a link that is down costs nothing that was typed.
import { $, html, page, say, show, t } from "../ui.js";
import { ask, newKey, pause } from "../ask.js";

const RETRY = [0, 400, 1_500];      // ms before each try of one request
const SLOW = 300, PATIENCE = 15_000, LONG = 120_000;

let running = 0, since = 0, timer = null;
function begin() {
  if (running++ === 0) { since = performance.now(); timer = setInterval(progress, 200); }
}
function end() {
  if (--running > 0) return;
  clearInterval(timer);
  $("#progress").hidden = true;
}
function progress() {
  const ms = performance.now() - since;
  $("#progress").hidden = ms < SLOW;
  say("#progress span", ms < 2_000 ? t("working") : t("working.long", { n: Math.floor(ms / 1_000) }));
}

/** → {status, body}; a session that has ended is begun again first, where the page stands. */
export async function request(path, { method = "GET", body, long = false, quiet = false } = {}) {
  const key = method === "GET" ? {} : { "Idempotency-Key": newKey() };
  begin();
  try {
    let answer = { status: 0, body: null };
    for (const wait of quiet ? [0] : RETRY) {
      await pause(wait);
      answer = await ask(`/api/v1${path}`, { method, body, headers: { ...key, "X-CSRF-Token": page.csrf }, patience: long ? LONG : PATIENCE });
      if (answer.status !== 0 && answer.status !== 503) break;
    }
    down(answer.status === 0 || answer.status === 503);
    if (answer.status !== 401 || quiet) return answer;
  } finally { end(); }
  return await signedIn() ? request(path, { method, body, long, quiet }) : { status: 401, body: null };
}

function down(is) {
  $("#banner").hidden = !is;
  say("#banner span", is ? t("down") : "");
}

/** What went wrong, in the reader's words. */
export const whyNot = ({ status, body }) => ({ 0: t("down"), 401: t("signed.out"), 503: t("down") })[status]
  ?? (document.documentElement.lang !== "en" && body?.detail?.zh || t("refused", { why: body?.message ?? status }));

let asking = null;
/** Asks for the token again; true once there is a session. One dialog, however many wait for it. */
function signedIn() {
  asking ??= new Promise((done) => {
    const dialog = $("#again"), token = $("#again-token");
    const enter = async () => {
      const answer = await ask("/editor/enter", { method: "POST", body: { token: token.value.trim() } });
      token.value = "";
      if (answer.status !== 200) { say("#again-wrong", answer.status === 0 ? t("down") : t("again.wrong")); token.focus(); return; }
      page.csrf = answer.body.csrf;
      dialog.close("in");
    };
    $("#again-go").onclick = enter;
    token.onkeydown = (event) => { if (event.key === "Enter") { event.preventDefault(); enter(); } };
    dialog.onclose = () => { asking = null; done(dialog.returnValue === "in"); };
    dialog.returnValue = "";
    say("#again-wrong", "");
    dialog.showModal();
    token.focus();
  });
  return asking;
}

/** A question in a dialog: `content` with named fields → their values when it is answered with `go`, or null. */
export function question(head, content, go, ways = []) {
  const dialog = $("#question");
  show($("form", dialog), html`<h2 id="question-head">${head}</h2>${content}<p class="wrong" role="alert"></p>
    <footer><button class="button" value="" formnovalidate>${t("cancel")}</button>
    ${ways.map(([value, words]) => html`<button class="button" value="${value}" formnovalidate>${words}</button>`)}
    <button class="button main" value="go">${go}</button></footer>`);
  // a dialog's form is asked anew each time, even with the same words
  $("form", dialog).shownHtml = null;
  return new Promise((done) => {
    dialog.onclose = () => done(dialog.returnValue ? { way: dialog.returnValue, ...Object.fromEntries(new FormData($("form", dialog))) } : null);
    dialog.returnValue = "";
    dialog.showModal();
    ($("input, select, textarea", dialog) ?? $(".main", dialog)).focus();
  });
}

const elsewhere = new URLSearchParams(location.search);
elsewhere.set("lang", new URLSearchParams($("#language").search).get("lang"));
$("#language").search = elsewhere;      // the same page in the other language, with what it was asked

$("#leave").addEventListener("click", async () => {
  const answer = await ask("/console/leave", { method: "POST", body: {}, headers: { "X-CSRF-Token": page.csrf } });
  if (answer.status === 0) down(true);
  else location.replace("/editor/enter");
});

/** A row of choices of a code table. */
export const options = (table, chosen, none) => html`${none === undefined ? "" : html`<option value="">${none}</option>`}
  ${Object.entries(page.tables[table]).map(([code, entry]) => html`<option value="${code}"${code === chosen ? html` selected` : ""}>${called(entry)}</option>`)}
  ${chosen && !(chosen in page.tables[table]) ? html`<option value="${chosen}" selected>${chosen}</option>` : ""}`;
export const called = (entry) => document.documentElement.lang === "en" ? entry.en : entry.zh;
export const codeName = (table, code) => page.tables[table][code] ? called(page.tables[table][code]) : code;
export const label = (field) => page.labels[field]?.[document.documentElement.lang === "en" ? 1 : 0] ?? field;
