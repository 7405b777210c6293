// Rings and vibrates. A phone lets a page do so only after a touch, so it is a switch, remembered for the ticket.
import { page } from "../ui.js";
import { keep, kept } from "./keep.js";

const AGAIN = 5_000, MOST = 12;      // ms between two rings of one call; then it is quiet
const KINDS = {                      // tones: [Hz, s after the beginning]; vibration in ms, on and off
  hello: { tones: [[880, 0]], shake: [80] },
  near: { tones: [[659, 0], [880, .18]], shake: [200] },
  called: { tones: [[880, 0], [659, .35]], shake: [400, 200, 400] },
  recalled: { tones: [[880, 0], [659, .35], [880, .9], [659, 1.25]], shake: [400, 200, 400, 600, 400, 200, 400] },
};

export class Alarm {
  on = Boolean(kept(page.id).sound);
  ringing = false;
  #sound = null; #timer = null;

  constructor(changed) {
    this.changed = changed;
    // a switch that was on before the page was loaded again works from the first touch
    for (const name of ["pointerdown", "keydown"]) addEventListener(name, () => { if (this.on) this.#wake(); });
  }

  /** Can a tone be heard: yes, not before the screen is touched, or never on this phone. */
  get state() { return !globalThis.AudioContext ? "none" : this.#sound?.state === "running" ? "on" : "tap"; }

  async toggle() {
    this.on = !this.on;
    keep(page.id, { sound: this.on });
    if (this.on) { await this.#wake(); this.#once("hello"); } else this.stop();
    this.changed();
  }

  once(kind) { if (this.on) this.#once(kind); }

  /** Rings until `stop`, or a minute long. */
  ring(kind) {
    this.stop();
    if (!this.on) return;
    let left = MOST;
    const one = () => {
      this.ringing = left-- > 0;
      if (this.ringing) { this.#once(kind); this.#timer = setTimeout(one, AGAIN); }
      this.changed();
    };
    one();
  }

  stop() {
    this.ringing = false;
    clearTimeout(this.#timer);
    if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(0);
  }

  async #wake() {
    if (!globalThis.AudioContext) return;
    this.#sound ??= new AudioContext();
    if (this.#sound.state === "running") return;
    await this.#sound.resume();
    this.changed();
  }

  #once(kind) {
    const { tones, shake } = KINDS[kind];
    if (navigator.userActivation?.hasBeenActive ?? this.#sound) navigator.vibrate?.(shake);
    if (this.#sound?.state === "running") for (const [pitch, after] of tones) tone(this.#sound, pitch, this.#sound.currentTime + after);
  }
}

/** A struck bell: loud at once, gone in a second. */
function tone(sound, pitch, at) {
  const bell = sound.createOscillator(), loud = sound.createGain();
  bell.frequency.value = pitch;
  loud.gain.setValueAtTime(.0001, at);
  loud.gain.exponentialRampToValueAtTime(.6, at + .02);
  loud.gain.exponentialRampToValueAtTime(.0001, at + 1);
  bell.connect(loud).connect(sound.destination);
  bell.start(at);
  bell.stop(at + 1);
}
