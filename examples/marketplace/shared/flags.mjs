import { createUpstream } from "./upstream.mjs";

/** `Authorization=Bearer abc,X-Team=shop` as headers; what comes after the first `=` is the value. */
const headersOf = (text) =>
  Object.fromEntries(
    text
      .split(",")
      .filter((pair) => pair.includes("="))
      .map((pair) => [pair.slice(0, pair.indexOf("=")).trim(), pair.slice(pair.indexOf("=") + 1).trim()]),
  );

/**
 * Feature flags over OFREP, the protocol of OpenFeature, found by the variables that OpenFeature names. Its SDKs do the
 * same and more; this is what is left without a dependency. Where there are no flags, or they do not answer at once,
 * everybody gets the default: a flag never keeps anybody waiting.
 */
export function createFlags({ OFREP_ENDPOINT, OFREP_HEADERS = "" } = {}, { timeout = 500 } = {}) {
  const upstream = OFREP_ENDPOINT ? createUpstream({ name: "flags", baseUrl: OFREP_ENDPOINT, timeout }) : null;
  const headers = headersOf(OFREP_HEADERS);
  const ask = async (path, context) => {
    const answer = await upstream?.call("POST", path, { body: { context }, headers }).catch(() => null);
    return answer?.status === 200 ? answer.body : null;
  };
  return {
    /** What a flag gives to whom the context tells of. */
    async value(key, fallback, context) {
      const found = await ask(`/ofrep/v1/evaluate/flags/${encodeURIComponent(key)}`, context);
      return typeof found?.value === typeof fallback ? found.value : fallback;
    },
    /** What all flags give, as pages ask for it. */
    async values(context) {
      return (await ask("/ofrep/v1/evaluate/flags", context))?.flags ?? [];
    },
    close: () => upstream?.close(),
  };
}
