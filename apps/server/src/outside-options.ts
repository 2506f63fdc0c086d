import { isAbsolute, resolve } from "node:path";
import { FairwayError } from "@fairway/core";
import { trustedProxies } from "./http/trusted-proxies.ts";

/** How people reach the API from elsewhere than the daemon's own machine. Any of it means that everybody logs in. */
export interface OutsideOptions {
  /** Beside the machine's own address: `0.0.0.0:7443`. */
  readonly listen?: string;
  /** What people know it by; always https. */
  readonly publicUrl?: string;
  /** PEM files, absolute; without them something before the daemon speaks TLS. */
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  /** A file that says who the identity provider is, absolute. */
  readonly oidc?: string;
  /** Addresses and ranges of proxies that are believed when they say whom they speak for. */
  readonly trustedProxies?: string;
}

/** As somebody wrote them; `none` takes away what was told before. */
export interface WrittenOutsideOptions {
  readonly listen?: string | undefined;
  readonly publicUrl?: string | undefined;
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  readonly oidc?: string | undefined;
  readonly trustedProxies?: string | undefined;
}

const names = ["listen", "publicUrl", "tlsCert", "tlsKey", "oidc", "trustedProxies"] as const;
const flags = {
  listen: "--listen",
  publicUrl: "--public-url",
  tlsCert: "--tls-cert",
  tlsKey: "--tls-key",
  oidc: "--oidc",
  trustedProxies: "--trusted-proxies",
} as const satisfies Record<(typeof names)[number], string>;

/** For the daemon's own command line and for what people are told. */
export const outsideFlags = (options: OutsideOptions): readonly (readonly [flag: string, value: string])[] =>
  names.flatMap((name) => {
    const value = options[name];
    return value === undefined ? [] : [[flags[name], value] as const];
  });

/**
 * What was written, understood; what was not written is as before. Throws `refused_listen` for what would let people in
 * without TLS, and `bad_request` for what makes no sense.
 */
export function outsideOptions(written: WrittenOutsideOptions, had: OutsideOptions): OutsideOptions {
  const told: Partial<Record<(typeof names)[number], string>> = {};
  for (const name of names) {
    const value = written[name] ?? had[name];
    if (value !== undefined && value !== "none") told[name] = value;
  }
  for (const name of ["tlsCert", "tlsKey", "oidc"] as const)
    if (told[name] !== undefined && !isAbsolute(told[name])) told[name] = resolve(told[name]);
  if (told.publicUrl !== undefined) told.publicUrl = originOf(told.publicUrl);
  if (told.trustedProxies !== undefined) trustedProxies(told.trustedProxies);
  if (told.listen !== undefined) {
    placeOf(told.listen);
    if (told.publicUrl === undefined)
      throw new FairwayError(
        "refused_listen",
        `refuses to listen on ${told.listen}: nothing says how people reach it`,
        {
          hint: "give --public-url https://…, and --tls-cert with --tls-key unless something before it speaks TLS",
        },
      );
  }
  if ((told.tlsCert === undefined) !== (told.tlsKey === undefined))
    throw new FairwayError("bad_request", "--tls-cert and --tls-key go together");
  if (told.tlsCert !== undefined && told.listen === undefined)
    throw new FairwayError("bad_request", "--tls-cert says nothing without --listen");
  if (told.oidc !== undefined && told.publicUrl === undefined)
    throw new FairwayError(
      "bad_request",
      "--oidc needs --public-url, to which the identity provider sends people back",
    );
  return told;
}

function originOf(written: string): string {
  const url = URL.canParse(written) ? new URL(written) : null;
  if (url === null || !["https:", "http:"].includes(url.protocol) || url.pathname !== "/" || url.search || url.username)
    throw new FairwayError("bad_request", `--public-url must be like https://fairway.example.com, not "${written}"`);
  if (url.protocol === "http:")
    throw new FairwayError(
      "refused_listen",
      `refuses to be reached at ${written}: passwords would travel in the clear`,
      {
        hint: "give an address that begins with https://",
      },
    );
  return url.origin;
}

/** `0.0.0.0:7443` or `[::]:7443`. Throws `bad_request`. */
export function placeOf(listen: string): { readonly host: string; readonly port: number } {
  const [, bracketed, plain, port = ""] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(listen) ?? [];
  const host = bracketed ?? plain;
  if (host !== undefined && Number(port) <= 65_535) return { host, port: Number(port) };
  throw new FairwayError("bad_request", `--listen must be an address and a port, like 0.0.0.0:7443, not "${listen}"`);
}
