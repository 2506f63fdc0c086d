import { requestHeader } from "@fairway/api";
import { FairwayError } from "@fairway/core";
import type { FastifyRequest } from "fastify";

/** Addresses on which a daemon without a login may listen: only this machine's own. */
const loopback: readonly string[] = ["127.0.0.1", "::1", "localhost"];

/** Refuses to listen where others than this machine's people could reach a daemon that asks nobody who they are. */
export function assertLoopback(host: string): void {
  if (loopback.includes(host)) return;
  throw new FairwayError("refused_listen", `refuses to listen on ${host}: this daemon has no login`, {
    hint: "listen on 127.0.0.1 and reach it through an SSH tunnel",
  });
}

/**
 * Keeps web pages out. A page can make the browser send a request to a loopback port: by a name of its own that it
 * points there (DNS rebinding, told by the Host header), or across origins (told by the header no page can add
 * without asking).
 */
export function assertOwnRequest(request: FastifyRequest): void {
  const host = request.headers.host ?? "";
  const name = host.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
  if (!loopback.includes(name))
    throw new FairwayError("bad_request", `asked under the name "${name}", which is not this machine's own`, {
      hint: "use http://127.0.0.1 or http://localhost",
    });
  if (request.method !== "GET" && request.method !== "HEAD" && request.headers[requestHeader] !== "1")
    throw new FairwayError("bad_request", `a change must carry the header ${requestHeader}: 1`);
}
