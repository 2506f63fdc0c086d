import type { Actor, Permission, Possible, Scope } from "@fairway/core";
import type { Caller } from "../people/callers.ts";

/** What every handler is given beside its input. */
export interface HandlerContext {
  /** Who asks: the one who logged in or whose token it is; without a login, whoever the request says. */
  readonly actor: Actor;
  /** Of a stream: fires when its reader has left, or may not read it any more. */
  readonly signal: AbortSignal;
  /** How we know who asks; null where nobody need be known. */
  readonly caller: Caller | null;
  /** From where it is asked. */
  readonly address: string | null;
  readonly userAgent: string | null;
  /** Whether who asks may do something more than the route's policy says. */
  may(permission: Permission, scope: Omit<Scope, "project">): Promise<Possible>;
  /** Sends a header with the answer. */
  header(name: string, value: string): void;
}
