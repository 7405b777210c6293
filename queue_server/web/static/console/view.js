// What the console shows, from what the server said last and the time it is. Nothing here decides or asks.
import { $, $$, clockOf, hhmm, html, icon, named, now, say, secondsSince, show, t } from "../ui.js";
import { comingOf, OTHERS, phaseOf, PRIMARY, undoLeft, whenFree } from "./actions.js";

const WALK_IN = "walk_in";
const EARLIER = 3;      // past steps shown
// what is no longer offered still has its name: a ticket of it may be here
const find = (id, ...lists) => lists.flat().find((one) => one?.id === id);
const lineOf = (hall, ticket) => find(ticket.line, hall.lines, hall.past.lines);
const classOf = (hall, ticket) => find(ticket.class, hall.classes, hall.past.classes);
const stepOf = (ticket) => ticket.steps.at(-1);
const minutes = (from, to) => Math.max(0, Math.floor((new Date(to) - new Date(from)) / 60_000));

/** What the ticket is for: its item, else its line. */
function matter(hall, ticket) {
  const line = lineOf(hall, ticket);
  return named(find(ticket.item, line?.items ?? [], hall.past.items)?.name ?? line?.name);
}
/** Since when it waits: in this queue, not counting what was done at a window before. */
const waitsFrom = (ticket) => stepOf(ticket) ? (ticket.state === "waiting" ? stepOf(ticket).ended_at : stepOf(ticket).waiting_from) ?? ticket.issued_at : ticket.issued_at;
const chip = (hall, ticket) => html`<span class="chip ${ticket.class}">${named(classOf(hall, ticket)?.name)}</span>`;

/** "by the time of taking it, 10:13", or how much earlier it counts. */
function order(hall, ticket) {
  const earlier = Math.round((new Date(ticket.issued_at) - new Date(ticket.key)) / 60_000);
  return earlier > 0 ? t("order.earlier", { n: earlier, time: hhmm(ticket.key) })
    : earlier < 0 ? t("order.later", { n: -earlier, time: hhmm(ticket.key) }) : t("order.arrival", { time: hhmm(ticket.key) });
}

export function drawFace({ desk, hall }) {
  say("#where", `${t(`window.${desk.kind}`)} · ${t("window.zone", { zone: desk.zone })}`);
  const phase = phaseOf(desk), ticket = desk.ticket ?? (phase === "idle" ? comingOf(desk) : null);
  show("#stage", html`${phase === "called" && icon("bell")}${t(phase === "idle" && !ticket ? "stage.nobody" : `stage.${phase}`)}`);
  say("#number", ticket?.number ?? desk.callable);
  if (!ticket) { show("#what", html`<p class="item">${t(`what.${phase}`)}</p>`); return; }
  const until = desk.ticket ? stepOf(ticket)?.called_at ?? now() : now();
  show("#what", html`
    <p>${named(lineOf(hall, ticket)?.name)} · ${t("waited", { n: minutes(waitsFrom(ticket), until) })}</p>
    <p class="item">${matter(hall, ticket)}</p>
    <p class="tags">${chip(hall, ticket)}<span>${order(hall, ticket)}</span></p>`);
}

export function drawTimer({ desk, hall }) {
  const phase = phaseOf(desk), coming = comingOf(desk), step = desk.ticket && stepOf(desk.ticket);
  const [from, note] = {
    called: [step?.called_at, t("timer.called.note", { n: desk.ticket?.calls, gap: hall.rules.recall_gap })],
    serving: [step?.started_at, desk.state === "paused" ? t("timer.paused.note") : ""],
    idle: [coming ? waitsFrom(coming) : desk.since, ""],
  }[phase] ?? [desk.since, ""];
  say("#timer-name", from ? t(phase === "idle" ? (coming ? "timer.coming" : "timer.open") : `timer.${phase}`) : "");
  say("#timer", from ? clockOf(secondsSince(from)) : "");
  say("#timer-note", note);
}

/** A step that is over: where, how it ended, how long it waited and was served. */
function past(step) {
  const how = [t("step.waited", { n: minutes(step.waiting_from, step.called_at) }), step.started_at && step.ended_at && t("step.served", { n: minutes(step.started_at, step.ended_at) })];
  return html`<span>${t("step.window", { window: step.window, how: t(`outcome.${step.outcome}`) })}<small>${how.filter(Boolean).join(" · ")}</small></span>`;
}
function rowsOf(ticket) {
  const over = ticket.steps.filter((step) => step.outcome), step = stepOf(ticket)?.outcome === "" && stepOf(ticket), more = over.length - EARLIER;
  return [
    [ticket.issued_at, t(`source.${ticket.source}`)],
    more > 0 && [over[0].called_at, t("step.more", { n: more })],
    ...over.slice(-EARLIER).map((one) => [one.called_at, past(one)]),
    step && [step.called_at, t("step.called", { n: 1 })],
    step && ticket.calls > 1 && [ticket.called_at, t("step.called", { n: ticket.calls })],
    step && step.started_at && [step.started_at, t("step.started")],
  ].filter(Boolean);
}

export function drawBody({ desk, hall }) {
  const ticket = desk.ticket ?? comingOf(desk), steps = ticket ? rowsOf(ticket) : [];
  show("#steps", steps.length ? steps.map(([at, what]) => html`<li><time>${hhmm(at)}</time><span>${what}</span></li>`) : html`<li class="empty">${t("steps.none")}</li>`);
  say("#h-facts", t(desk.ticket ? "facts.current" : "facts.coming"));
  const facts = !ticket ? [] : [
    ["fact.matter", matter(hall, ticket)], ["fact.class", named(classOf(hall, ticket)?.name)], ["fact.order", order(hall, ticket)],
    ["fact.paper", t(ticket.printed ? "paper.yes" : ticket.print_doubt ? "paper.doubt" : "paper.no")], ["fact.language", t(`speaks.${ticket.lang}`)],
  ];
  show("#facts", facts.map(([name, value]) => html`<div><dt>${t(name)}</dt><dd>${value}</dd></div>`));
}

/** What was done last can be taken back, for some seconds. */
export function drawUndo({ undo, up, busy }) {
  const left = up ? undoLeft(undo) : 0;
  $("#undo").hidden = !left;
  $("#strip").classList.toggle("undoable", left > 0);
  if (left) say("#undo-text", t("undo.left", { seconds: left }));
  $("#undo").setAttribute("aria-disabled", String(busy));
}

/** `up` false: everything is refused until the link is back; `busy`: a change is on its way. */
export function drawActions({ desk, hall, up, busy, chosen }) {
  const known = Boolean(desk && hall), primary = known ? PRIMARY[phaseOf(desk)] : null;
  const refused = known && up ? primary.refused?.({ desk, hall }) ?? null : t(known ? "once.linked" : "once.known");
  const main = $("#main");
  say($("b", main), primary ? t(primary.words ?? primary.name) : t("wait"));
  say($("small", main), refused ?? primary.note({ desk, hall }));
  main.setAttribute("aria-disabled", String(refused !== null));
  main.setAttribute("aria-busy", String(busy));
  const others = $("#others");
  if (!others.children.length) show(others, OTHERS.map(({ digit, name }) => html`<button class="button at-${digit}" data-digit="${digit}"><kbd aria-hidden="true">${digit}</kbd><span>${t(name)}<small></small></span></button>`));
  for (const action of OTHERS) refuse($(`[data-digit="${action.digit}"]`, others), known && up ? action.refused({ desk, hall, chosen }) : t("once.linked.short"), () => action.note({ desk, hall, chosen }));
  for (const id of ["#cancel", "#class"]) refuse($(id), !known || !up ? t("once.linked.short") : chosen ? null : t("cancel.choose"), () => chosen.number);
}
function refuse(button, refused, note) {
  button.setAttribute("aria-disabled", String(refused !== null));
  say($("small", button), refused ?? note());
}

export function drawQueue({ desk, hall, chosen }) {
  const coming = comingOf(desk), rest = desk.tickets.filter((ticket) => ticket !== coming), at = now();
  say("#queue-count", t("queue.people", { n: desk.callable }));
  show("#queue", [...(coming ? [coming] : []), ...rest].map((ticket) => html`
    <li role="option" id="ticket-${ticket.id}" data-ticket="${ticket.id}" aria-selected="${String(ticket.id === chosen?.id)}" class="${ticket === coming ? "next" : ""}">
      <span class="num no">${ticket.number}</span>
      <div><p class="item"><span>${matter(hall, ticket)}</span>${ticket.class !== WALK_IN && chip(hall, ticket)}</p><p class="why">${ticket === coming && html`${t("queue.next")} · `}${ticket.bound && html`${t("queue.bound")} · `}${order(hall, ticket)}</p></div>
      <p class="waited"><span class="num">${minutes(ticket.issued_at, at)}</span> ${t("minutes")}</p></li>`));
  const more = desk.callable - desk.tickets.length;
  say("#queue-how", !desk.callable ? t("queue.none") : more > 0 ? t("queue.more", { n: more }) : t("queue.how"));
  const active = chosen && $(`#queue [aria-selected="true"]`);
  if (active) $("#queue").setAttribute("aria-activedescendant", active.id); else $("#queue").removeAttribute("aria-activedescendant");
}

/** Somebody in the hall asks for a person: who has waited longest, until anybody goes. */
export function drawHelp({ desk, up, busy }) {
  const [first, ...more] = desk.help;
  $("#help").hidden = !first;
  if (!first) return;
  const where = t(first.place ? "help.at" : "help.somewhere", { place: first.place, time: hhmm(first.asked_at) });
  say("#help-text", where + (more.length ? t("help.more", { n: more.length }) : ""));
  $("#go").setAttribute("aria-disabled", String(!up || busy));
}

/** The buttons stay the same elements while the same tickets are held: whoever chooses among them keeps their place. */
export function drawHeld({ desk, hall, up }) {
  $("#held-card").hidden = !desk.held.length;
  say("#held-count", t("held.count", { n: desk.held.length }));
  show("#held", desk.held.map((ticket, i) => html`
    <li><span class="num no">${ticket.number}</span><p class="item">${matter(hall, ticket)}</p><p class="waited" data-since="${stepOf(ticket)?.ended_at ?? ""}"></p>
      <button class="button" data-held="${ticket.id}" aria-label="${t("held.resume.this", { number: ticket.number })}">${i === 0 && html`<kbd aria-hidden="true">R</kbd>`}<span>${t("held.resume")}</span></button></li>`));
  const refused = up ? whenFree({ desk }) : t("once.linked.short"), at = now();
  say("#held-how", refused ?? t("held.how"));
  for (const el of $$("#held [data-since]")) say(el, el.dataset.since && t("held.for", { n: minutes(el.dataset.since, at) }));
  for (const button of $$("#held button")) button.setAttribute("aria-disabled", String(refused !== null));
}

export function drawLink({ up, begun, heard, desk }) {
  document.body.classList.toggle("down", begun && !up);
  say("#link span", t(up ? "link.up" : begun ? "link.down" : "link.wait"));
  const state = desk && desk.state !== "open" ? t(`state.${desk.state}`) : "";
  show("#state", state ? html`<span class="chip warn">${state}</span>` : "");
  const banner = $("#banner");
  banner.hidden = up || !begun;
  if (banner.hidden) return;
  const age = clockOf((Date.now() - heard) / 1000);
  say("#banner-head", t("banner.head"));
  say("#banner-text", desk ? t("banner.text", { age, time: hhmm(new Date(now() - (Date.now() - heard))) }) : t("banner.nothing"));
}
