// One request to the server: an answer or its absence, never an exception.

/** → {status, body}; status 0 when there was no answer, or none of this server's (a proxy's page is no answer). */
export async function ask(path, { method = "GET", body, headers = {}, patience = 5000 } = {}) {
  const json = body === undefined ? {} : { "Content-Type": "application/json" };
  try {
    const answer = await fetch(path, {
      method, headers: { ...json, ...headers }, body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(patience), cache: "no-store",
    });
    const text = await answer.text();
    return { status: answer.status, body: text ? JSON.parse(text) : null };
  } catch {
    return { status: 0, body: null };
  }
}

/** A key of our own making for one change, kept over its retries. (randomUUID needs https, and halls have none.) */
export const newKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");

export const pause = (ms) => new Promise((done) => { setTimeout(done, ms); });
