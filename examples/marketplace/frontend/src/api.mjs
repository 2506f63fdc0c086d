/** Where this page finds its services, told at run time so that one bundle serves every environment. */
export async function readConfig() {
  const answer = await fetch("/config.json");
  if (!answer.ok) throw new Error(`the page has no configuration (${answer.status})`);
  return answer.json();
}

/** A key that makes a repeated request one order. `crypto.randomUUID` is missing on plain http. */
export const newKey = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** The market's api. Every call resolves to the answer's body and throws an Error with a sentence for people. */
export function createApi({ apiUrl }) {
  async function call(path, options) {
    let answer;
    try {
      answer = await fetch(`${apiUrl}${path}`, options);
    } catch {
      throw new Error("The market cannot be reached now.");
    }
    const body = await answer.json().catch(() => null);
    if (!answer.ok) throw new Error(body?.error?.message ?? `The market answered with ${answer.status}.`);
    return body;
  }
  const post = (path, body, key) =>
    call(path, {
      method: "POST",
      headers: { "content-type": "application/json", "idempotency-key": key },
      body: JSON.stringify(body),
    });

  return {
    version: () => call("/version"),
    listings: (visitor) => call("/listings", { headers: { "x-visitor": visitor } }),
    order: (order, key) => post("/orders", order, key),
    appraise: (request) => post("/appraisals", request, newKey()),
    appraisal: (id) => call(`/appraisals/${encodeURIComponent(id)}`),
  };
}
