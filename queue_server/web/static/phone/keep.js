// What this phone remembers of its tickets: the last truth, and whether it may ring. Without storage it forgets.

const NAME = "yichuang.tickets", MOST = 5;      // tickets; the oldest goes

const all = () => { try { return JSON.parse(localStorage.getItem(NAME)) ?? {}; } catch { return {}; } };

export const kept = (id) => all()[id] ?? {};

export function keep(id, facts) {
  const { [id]: mine, ...others } = all();
  const newest = Object.entries(others).slice(1 - MOST);
  try { localStorage.setItem(NAME, JSON.stringify({ ...Object.fromEntries(newest), [id]: { ...mine, ...facts } })); } catch { /* private browsing */ }
}
