import type { Actor } from "@fairway/core";

/** What every handler is given beside its input. */
export interface HandlerContext {
  /** Who asks: the one who logged in or whose token it is; without a login, whoever the request says. */
  readonly actor: Actor;
  /** Of a stream: fires when its reader has left, or may not read it any more. */
  readonly signal: AbortSignal;
}
