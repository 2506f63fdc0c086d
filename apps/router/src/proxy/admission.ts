import type { RouteLimits } from "@fairway/core";
import type { RequestHead } from "../http1/request-head.ts";
import { hostOf } from "../http1/request-head.ts";
import type { RoutePlan } from "../routing/routing-plan.ts";
import type { ListenerName } from "./asker.ts";
import { maintenanceReply } from "./maintenance-page.ts";
import type { OwnReply } from "./own-answers.ts";
import type { LiveEndpoint, PlaneContext } from "./plane-context.ts";

/** What is known of a request before any of it is sent on. */
export interface Arrival {
  readonly head: RequestHead;
  readonly listener: ListenerName;
  readonly address: string;
  readonly headBytes: number;
}

/** What a request is answered with instead of being sent to a service; null when it may pass. */
export function answerInstead(
  { head, listener, address, headBytes }: Arrival,
  { name, route }: RoutePlan<LiveEndpoint>,
  { tlsPort, rates, totals }: PlaneContext,
): OwnReply | null {
  const { limits, maintenance, health } = route;
  if (route.httpsOnly === true && listener === "public") return towardsTls(head, tlsPort);
  if (maintenance !== undefined && listener !== "internal" && head.target.split("?", 1)[0] !== health.path) {
    return maintenanceReply(maintenance, head);
  }
  if (limits === undefined) return null;
  const refused = tooMuch(limits, head, headBytes);
  if (refused !== null) {
    totals.refused++;
    return refused;
  }
  if (limits.requestRate === undefined || listener === "internal") return null;
  const wait = rates.take(name, limits.requestRate, address, performance.now());
  if (wait === 0) return null;
  totals.limited++;
  return { status: 429, message: "too many requests", retryAfter: Math.ceil(wait / 1000) };
}

function tooMuch({ bodyBytes, headBytes }: RouteLimits, head: RequestHead, length: number): OwnReply | null {
  if (headBytes !== undefined && length > headBytes) return { status: 431, message: "the request head is too long" };
  if (bodyBytes !== undefined && head.contentLength > bodyBytes) {
    return { status: 413, message: "the request body is too long" };
  }
  return null;
}

/** 308 keeps method and body. Without a TLS listener of our own, something in front has it at the usual port. */
function towardsTls({ authority, target }: RequestHead, port: number | null): OwnReply {
  if (authority === "") return { status: 400, message: "this host is reached over TLS, and the request names no host" };
  const place = port === null || port === 443 ? hostOf(authority) : `${hostOf(authority)}:${port}`;
  return { status: 308, message: "use https", headers: [`Location: https://${place}${target}`] };
}
