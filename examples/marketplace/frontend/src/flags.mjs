import { newKey } from "./api.mjs";

/** A name for this visitor that says nothing about them, so that a flag gives them the same each time. */
function visitor() {
  try {
    const known = localStorage.getItem("visitor") ?? newKey();
    localStorage.setItem("visitor", known);
    return known;
  } catch {
    return newKey();
  }
}

/**
 * What the feature flags give to this visitor, over OFREP as OpenFeature's SDK for pages asks. What cannot be found out
 * is off.
 */
export async function readFlags({ apiUrl }) {
  const targetingKey = visitor();
  const answer = await fetch(`${apiUrl}/ofrep/v1/evaluate/flags`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ context: { targetingKey } }),
  }).catch(() => null);
  const { flags } = answer?.ok ? await answer.json().catch(() => ({ flags: [] })) : { flags: [] };
  const on = new Set(flags.filter(({ value }) => value === true).map(({ key }) => key));
  return { visitor: targetingKey, isOn: (key) => on.has(key) };
}
