import type { ProbeRun } from "@fairway/core";
import { addressName, addressPlace, FairwayError } from "@fairway/core";

/** What a probe asks with. It holds the key: it is kept nowhere and shown to nobody. */
export interface ProbeRequest {
  readonly url: URL;
  readonly headers: Headers;
}

/** Where a probe asks, without its parameters. Throws `not_allowed_now` where the store has no address by that name. */
export function probeAddress(probe: ProbeRun, address: string | null): URL {
  const written =
    address === null ? probe.url : probe.url.replace(addressPlace, () => address.trim().replace(/\/+$/, ""));
  const url = URL.canParse(written) ? new URL(written) : null;
  // What stands there instead may be a key: it is not repeated, nor is what the parser says of it.
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "")
    throw new FairwayError("not_allowed_now", `${addressName(probe) ?? "the probe's url"} is no address of the web`, {
      hint: "give it one that begins with https:// and holds no user",
    });
  return url;
}

/** The question itself, with the key where it belongs. Throws `not_allowed_now` for a key that no header can hold. */
export function probeRequest(probe: ProbeRun, at: URL, key: string): ProbeRequest {
  const filled = (template: string): string => template.replaceAll("{{secret}}", () => key);
  const url = new URL(at);
  for (const [name, template] of Object.entries(probe.query ?? {})) url.searchParams.append(name, filled(template));
  const headers = new Headers();
  try {
    for (const [name, template] of Object.entries(probe.headers)) headers.append(name, filled(template));
  } catch {
    // Its message holds the key, so it is no cause.
    throw new FairwayError("not_allowed_now", `the value of ${probe.secret ?? "a header"} cannot stand in a header`, {
      hint: "store it anew, on one line and without other signs than ASCII",
    });
  }
  if (probe.basic !== undefined) {
    const pair = `${filled(probe.basic.user)}:${filled(probe.basic.password)}`;
    headers.set("authorization", `Basic ${Buffer.from(pair).toString("base64")}`);
  }
  return { url, headers };
}

/** What is wrong with the line, by its code: messages of the client may hold the address with its key. */
export function lineTrouble(thrown: unknown): string {
  const found = thrown as { readonly name?: unknown; readonly cause?: { readonly code?: unknown } } | null;
  if (found?.name === "TimeoutError") return "the time was over";
  const code = found?.cause?.code;
  return typeof code === "string" && /^[A-Z][A-Z0-9_]{2,60}$/.test(code) ? code : "the line was cut";
}
