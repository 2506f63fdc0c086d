import type { RequestHead } from "../http1/request-head.ts";
import { hostOf } from "../http1/request-head.ts";
import type { RoutePlan } from "../routing/routing-plan.ts";
import type { ListenerName } from "./exchange.ts";
import type { OwnReply } from "./own-answers.ts";
import type { LiveEndpoint, PlaneContext } from "./plane-context.ts";

/** What is known of a request before any of it is sent on. */
export interface Arrival {
  readonly head: RequestHead;
  readonly listener: ListenerName;
}

/** What a request is answered with instead of being sent to a service; null when it may pass. */
export function answerInstead(
  { head, listener }: Arrival,
  { route }: RoutePlan<LiveEndpoint>,
  { tlsPort }: PlaneContext,
): OwnReply | null {
  if (route.httpsOnly === true && listener === "public") return towardsTls(head, tlsPort);
  return null;
}

/** 308 keeps method and body. Without a TLS listener of our own, something in front has it at the usual port. */
function towardsTls({ authority, target }: RequestHead, port: number | null): OwnReply {
  if (authority === "") return { status: 400, message: "this host is reached over TLS, and the request names no host" };
  const place = port === null || port === 443 ? hostOf(authority) : `${hostOf(authority)}:${port}`;
  return { status: 308, message: "use https", headers: [`Location: https://${place}${target}`] };
}
