// The line to the server: one stream that says when to look, one picture of the window, and changes with a key each.
//
// An event is a hint, the window's picture is the truth: after every event of this window, and after every (re)connection,
// the picture is fetched. The link is up only while the stream is open and the last fetch was answered. A quiet line is
// tested every WATCH, because a pulled cable closes nothing. Changed settings are learned at once.
import { page, setClock } from "../ui.js";
import { ask, newKey, pause } from "../ask.js";

const WATCH = 15_000, PATIENCE = 5_000, SOON = 400;
const RECONNECT = [300, 1_000, 2_000, 3_000];      // ms before each try; the last one for ever
const RETRY = [0, 300, 1_200];                     // ms before each try of one change
const HELP = ["help.asked", "help.answered"];
const TYPES = ["reset", "alarm", "settings.changed", ...HELP, "window.opened", "window.paused", "window.closed",
  ...["issued", "called", "recalled", "started", "finished", "missed", "released", "held", "resumed", "transferred", "undone",
    "returned", "class_changed", "cancelled", "expired"].map((name) => `ticket.${name}`)];

export class Link {
  hall = null;       // what GET /halls/{hall} says: lines, classes, rules
  desk = null;       // what GET …/windows/{no} says: the window, its ticket, whom it can call
  up = false;
  begun = false;     // has it ever been up, or found that it cannot be
  heard = Date.now();
  #stream = null; #loading = null; #again = false; #soon = null; #timer = null; #tries = 0; #done = false;

  /** `on` is told: changed(), event(facts, is it this window's), gone(why). */
  constructor(on) {
    this.on = on;
    this.base = `/api/v1/halls/${encodeURIComponent(page.hall)}`;
    this.window = `${this.base}/windows/${page.window}`;
    setInterval(() => { if (this.#stream?.readyState === EventSource.OPEN) this.reload(); }, WATCH);
    addEventListener("pagehide", () => this.#end());
    this.#connect();
  }

  /** The link is tried now, not when it is due. */
  retry() {
    clearTimeout(this.#timer);
    this.#connect();
  }

  /** Fetches the picture; who asks meanwhile gets one that is newer than their asking. */
  reload() {
    if (this.#loading) { this.#again = true; return this.#loading; }
    this.#loading = (async () => {
      do { this.#again = false; await this.#load(); } while (this.#again);
      this.#loading = null;
    })();
    return this.#loading;
  }

  /** One change, with one key over all tries. → {status, body}; status 0: not known whether it was done. */
  async act(path, body = {}) {
    const headers = { "Idempotency-Key": newKey(), "X-CSRF-Token": page.csrf };
    let answer = { status: 0, body: null };
    for (const wait of RETRY) {
      await pause(wait);
      answer = await ask(path, { method: "POST", body, headers, patience: PATIENCE / 2 });
      if (answer.status !== 0 && answer.status !== 503) break;
    }
    if (answer.status === 0) this.#lost();
    else if (!this.#refused(answer.status)) await this.reload();
    return answer;
  }

  async #connect() {
    this.#timer = null;
    const answer = await ask(this.base, { patience: PATIENCE });
    if (this.#done || this.#refused(answer.status)) return;
    if (answer.status !== 200) { this.#lost(); return; }
    this.hall = answer.body;
    const stream = new EventSource(`${this.base}/events`), slow = setTimeout(() => this.#lost(), PATIENCE);
    this.#stream?.close();
    this.#stream = stream;
    stream.onopen = () => { clearTimeout(slow); this.reload(); };
    stream.onerror = () => { clearTimeout(slow); if (this.#stream === stream) this.#lost(); };
    for (const type of TYPES) stream.addEventListener(type, ({ data }) => this.#hear(JSON.parse(data)));
  }

  async #load() {
    const answer = await ask(this.window, { patience: PATIENCE });
    if (this.#done || this.#refused(answer.status)) return;
    if (answer.status !== 200) { this.#lost(); return; }
    this.desk = answer.body;
    setClock(this.desk.at);
    this.heard = Date.now();
    this.up = this.#stream?.readyState === EventSource.OPEN;
    if (this.up) { this.begun = true; this.#tries = 0; }
    this.on.changed();
  }

  #hear(event) {
    this.heard = Date.now();
    const mine = event.window === page.window;
    this.on.event(event, mine);
    if (event.type === "settings.changed" || event.type === "reset") this.#learn();
    else if (mine || HELP.includes(event.type)) this.reload();
    else if (this.desk?.lines.includes(event.ticket?.line ?? "") || this.desk?.lines.includes(event.reason?.from_line)) this.#soon ??= setTimeout(() => { this.#soon = null; this.reload(); }, SOON);
  }

  /** The hall again, then the picture: what this window serves may have changed, or that it is there at all. */
  async #learn() {
    const answer = await ask(this.base, { patience: PATIENCE });
    if (this.#done || this.#refused(answer.status)) return;
    if (answer.status !== 200) { this.#lost(); return; }
    this.hall = answer.body;
    if (this.hall.windows.some(({ no }) => no === page.window)) await this.reload();
    else this.#refused(404);
  }

  #lost() {
    if (this.#done) return;
    this.up = false;
    this.begun = true;
    this.#stream?.close();
    this.#stream = null;
    this.#timer ??= setTimeout(() => this.#connect(), RECONNECT[Math.min(this.#tries++, RECONNECT.length - 1)]);
    this.on.changed();
  }

  /** Is this an answer that no retry will change: signed out, moved to another window, window gone? */
  #refused(status) {
    const why = { 401: "ended", 403: "moved", 404: "moved" }[status];
    if (!why || this.#done) return this.#done;
    this.#end();
    this.on.gone(why);
    return true;
  }

  #end() {
    this.#done = true;
    this.up = false;
    clearTimeout(this.#timer);
    this.#stream?.close();
  }
}
