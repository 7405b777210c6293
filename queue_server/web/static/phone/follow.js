// The line to the server: how the ticket stands, since when that is known, and whether it is still true.
//
// The truth is GET /tickets/{id}. A stream says at once what happened and, at least every 15 s, how many are ahead: while it
// does, nobody need ask. Until it has said something (a proxy may hold it back), and whenever it falls silent, the ticket is
// asked for every few seconds instead. `up` is whether the last question was answered.
import { $, now, page, setClock } from "../ui.js";
import { ask, newKey, pause } from "../ask.js";
import { keep, kept } from "./keep.js";

const POLL = 5_000, POLL_OVER = 60_000;                        // ms between two questions: while something may happen, and when it is over
const SILENT = 40_000;                                         // ms without a word after which a stream is given up
const BACKOFF = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000];  // ms before each try while there is no answer; the last one for ever
const RETRY = [0, 500, 2_000];                                 // ms before each try of one change
const PATIENCE = 6_000;
const OVER = ["done", "cancelled", "expired"];
const HAPPENS = ["issued", "called", "recalled", "started", "finished", "missed", "returned", "cancelled", "expired",
  "held", "resumed", "released", "transferred", "undone", "class_changed"].map((name) => `ticket.${name}`);
const spread = (ms) => ms * (.7 + Math.random() * .6);         // a thousand phones must not come back in the same moment
const step = (tries) => spread(BACKOFF[Math.min(tries, BACKOFF.length - 1)]);

export class Follow {
  ticket = page.ticket;
  heard = new Date(page.at);     // when it was so, by the server's clock
  up = false;
  begun = false;                 // has a question been answered, or gone without an answer
  live = false;                  // does the stream get through
  #path = `/api/v1/tickets/${encodeURIComponent(page.id)}`;
  #stream = null; #timer = null; #again = null; #watch = null; #asking = null; #more = false; #stale = false; #tries = 0; #breaks = 0;

  /** `changed()` is called whenever anything of this is another; `old` says that the page itself is a kept copy. */
  constructor(changed, old) {
    this.changed = changed;
    if (old) this.#remember();
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.retry(); });
    for (const name of ["online", "offline", "pageshow"]) addEventListener(name, () => this.retry());
    addEventListener("pagehide", () => this.#drop());
    this.retry();
  }

  /** Asks now, and opens the stream if there is none. */
  retry() {
    this.#open();
    return this.look();
  }

  /** Asks how the ticket stands; who asks meanwhile gets an answer that is newer than their asking. */
  look() {
    if (this.#asking) { this.#more = true; return this.#asking; }
    this.#asking = (async () => {
      do { this.#more = false; await this.#ask(); } while (this.#more);
      this.#asking = null;
    })();
    return this.#asking;
  }

  /** One change, with one key over all tries. → {status, body}; status 0: not known whether it was done. */
  async act(name, body = {}) {
    const headers = { "Idempotency-Key": newKey() };
    let answer = { status: 0, body: null };
    for (const wait of RETRY) {
      await pause(wait);
      answer = await ask(`${this.#path}/${name}`, { method: "POST", body, headers, patience: PATIENCE });
      if (answer.status !== 0 && answer.status < 500) break;
    }
    if (answer.status === 200) this.#learn(answer.body);
    else await this.look();
    return answer;
  }

  #remember() {
    const last = kept(page.id);
    setClock(new Date());          // the copy's own clock stands still
    if (last.ticket && new Date(last.heard) > this.heard) { this.ticket = last.ticket; this.heard = new Date(last.heard); }
    this.begun = true;
  }

  async #ask() {
    const answer = await ask(this.#path, { patience: PATIENCE });
    if (answer.status === 200) { this.#learn(answer.body); return; }
    this.up = false;
    this.begun = true;
    this.#tries += 1;
    this.#later();
    this.changed();
  }

  #learn(ticket) {
    if (this.#stale || ticket.line !== this.ticket.line || ticket.bound !== this.ticket.bound) this.#renew();
    this.ticket = ticket;
    this.heard = now();
    this.up = this.begun = true;
    this.#tries = 0;
    keep(page.id, { ticket, heard: this.heard });
    this.#later();
    this.changed();
  }

  /** After a move the names and windows on the page are the old line's: the server writes them again, and the page goes on. */
  async #renew() {
    this.#stale = true;
    const answer = await fetch(location.href, { cache: "no-store" }).catch(() => null);
    if (!answer?.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const id of ["#matter", "#place-windows"]) $(id).replaceWith(fresh.querySelector(id));
    this.#stale = false;
    this.changed();
  }

  #later() {
    clearTimeout(this.#timer);
    const wait = !this.up ? step(this.#tries - 1) : this.live ? null : spread(OVER.includes(this.ticket.state) ? POLL_OVER : POLL);
    if (wait !== null) this.#timer = setTimeout(() => this.look(), wait);
  }

  #open() {
    if (this.#stream && this.#stream.readyState !== EventSource.CLOSED) return;
    clearTimeout(this.#again);
    const stream = this.#stream = new EventSource(`${this.#path}/events`);
    stream.onopen = () => this.look();
    stream.onerror = () => { if (this.#stream === stream) this.#broken(); };
    stream.addEventListener("place", ({ data }) => this.#placed(JSON.parse(data)));
    for (const name of HAPPENS) stream.addEventListener(name, ({ data }) => this.#happened(JSON.parse(data)));
    stream.addEventListener("reset", () => this.look());
  }

  #placed({ state, calls, ahead, at, range, no_window }) {
    this.#alive();
    setClock(at);
    if (state === this.ticket.state && calls === this.ticket.calls) this.#learn({ ...this.ticket, ahead, range, no_window });
    else this.look();
  }

  /** What happened is shown at once; the rest of the truth is asked for. */
  #happened({ ticket: { state, calls, line }, window }) {
    this.#alive();
    if (line === this.ticket.line) this.#learn({ ...this.ticket, state, calls, window, zone: window === this.ticket.window ? this.ticket.zone : "" });
    this.look();
  }

  #alive() {
    this.live = true;
    this.#breaks = 0;
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => this.#broken(), SILENT);
  }

  #broken() {
    this.#drop();
    this.#again = setTimeout(() => this.#open(), step(this.#breaks++));
    this.look();
  }

  #drop() {
    this.live = false;
    clearTimeout(this.#watch);
    this.#stream?.close();
    this.#stream = null;
  }
}
