import { requestHeader } from "@fairway/api";
import { FairwayError } from "@fairway/core";
import type { FastifyRequest } from "fastify";

/** Addresses on which a daemon without a login may listen: only this machine's own. */
const loopback: readonly string[] = ["127.0.0.1", "::1", "localhost"];

const isLoopback = (host: string): boolean => loopback.includes(host);

/** Refuses to listen where others than this machine's people could reach a daemon that asks nobody who they are. */
export function assertLoopback(host: string): void {
  if (isLoopback(host)) return;
  throw new FairwayError("refused_listen", `refuses to listen on ${host}: this daemon has no login`, {
    hint: "say where and how others reach it: fairway up --listen 0.0.0.0:7443 --public-url https://…; or reach it through an SSH tunnel",
  });
}

/** Under which names a daemon is asked, beside this machine's own. */
export interface OwnNames {
  /** As people reach it from elsewhere; null for nowhere. */
  readonly publicUrl: string | null;
}

/**
 * Keeps web pages out. A page can make the browser send a request to a loopback port: by a name of its own that it
 * points there (DNS rebinding, told by the Host header), or across origins (told by the header no page can add
 * without asking, and by the origin that browsers name). A form of our own pages cannot add the header either; what it may
 * do is told by the address that it is sent to.
 */
export function assertOwnRequest(request: FastifyRequest, names: OwnNames, isForm = false): void {
  const host = request.headers.host ?? "";
  const name = nameOf(host);
  const own = names.publicUrl === null ? null : new URL(names.publicUrl);
  if (!isLoopback(name) && name !== own?.hostname)
    throw new FairwayError("bad_request", `asked under the name "${name}", which is not this machine's own`, {
      hint: own === null ? "use http://127.0.0.1 or http://localhost" : `use ${own.origin}`,
    });
  const isChange = !["GET", "HEAD"].includes(request.method);
  if (isChange && !isForm && request.headers[requestHeader] !== "1")
    throw new FairwayError("bad_request", `a change must carry the header ${requestHeader}: 1`);
  const { origin } = request.headers;
  if (isChange && origin !== undefined && !ownOrigins(host, names).includes(origin)) throw foreign(origin);
}

/**
 * A cookie is sent by the browser, whichever page asks. So a change must name an origin of our own, and whatever names another
 * is refused, streams too.
 */
export function assertOwnPage(request: FastifyRequest, names: OwnNames): void {
  const { origin, host = "" } = request.headers;
  const site = request.headers["sec-fetch-site"];
  const isChange = !["GET", "HEAD"].includes(request.method);
  const isOwn = origin === undefined ? !isChange : ownOrigins(host, names).includes(origin);
  if (!isOwn) throw foreign(origin ?? "nowhere");
  if (site !== undefined && site !== "same-origin" && site !== "none") throw foreign(String(site));
}

const foreign = (origin: string): FairwayError =>
  new FairwayError("denied", `asked from a page of ${origin.slice(0, 200)}, which is not Fairway's own`);

const nameOf = (host: string): string =>
  host
    .toLowerCase()
    .replace(/:\d+$/, "")
    .replace(/^\[(.*)\]$/, "$1");

/** A page of the address that was asked itself, or of the one that people know. */
const ownOrigins = (host: string, { publicUrl }: OwnNames): readonly string[] => [
  ...(isLoopback(nameOf(host)) ? [`http://${host}`] : []),
  ...(publicUrl === null ? [] : [new URL(publicUrl).origin]),
];
