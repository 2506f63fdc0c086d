import type { Millis } from "@fairway/core";

/** Every bound the router keeps, in bytes, milliseconds and counts. */
export interface Limits {
  readonly headBytes: number;
  readonly bodyBytes: number;
  /** How much of a request's body is kept for sending it again. */
  readonly keptBodyBytes: number;
  /** From a request's first byte, or the connection's start, to the end of its head. */
  readonly headWithin: Millis;
  /** Longest silence within a request's body, and the span over which `bodyRate` is measured. */
  readonly bodySilence: Millis;
  /** Fewest bytes a second of a body that the router is ready to read. */
  readonly bodyRate: number;
  readonly connectWithin: Millis;
  /** From the whole request to the head of the answer. */
  readonly answerWithin: Millis;
  /** A client that takes nothing of a waiting answer for this long is cut off. */
  readonly clientStall: Millis;
  /** How long a request waits for a replica before it is answered 503. */
  readonly holdFor: Millis;
  readonly clientIdle: Millis;
  /** Idle connections to services are given up after this, or a second before the service's own limit. */
  readonly upstreamIdle: Millis;
  /** How often one request is sent at most. */
  readonly tries: number;
  /** For how long an endpoint that refused a connection is left out. */
  readonly ejectFor: Millis;
  /** From the start of a drain until WebSockets are closed and event streams are ended between chunks. */
  readonly streamGrace: Millis;
  /** Between our close frame and the end of the connection. */
  readonly closeHandshake: Millis;
  /** How long a retiring worker lets idle connections ask once more. */
  readonly retireIdle: Millis;
  /** How long a retiring worker waits for what is open. */
  readonly retireWithin: Millis;
  /** How long a stopping router waits for what is open. */
  readonly stopWithin: Millis;
}

/**
 * `upstreamIdle` is below Node's 5 s `keepAliveTimeout`, the shortest in wide use; 4.7 thousand requests against
 * services with shorter ones met no race, thanks to their `Keep-Alive` hint. `ejectFor` is short because with one
 * replica it is the time until its restart is noticed.
 */
export const defaultLimits: Limits = {
  headBytes: 32 * 1024,
  bodyBytes: 1024 ** 3,
  keptBodyBytes: 64 * 1024,
  headWithin: 10_000,
  bodySilence: 30_000,
  bodyRate: 64,
  connectWithin: 2000,
  answerWithin: 120_000,
  clientStall: 60_000,
  holdFor: 5000,
  clientIdle: 75_000,
  upstreamIdle: 4000,
  tries: 4,
  ejectFor: 500,
  streamGrace: 1000,
  closeHandshake: 500,
  retireIdle: 5000,
  retireWithin: 300_000,
  stopWithin: 10_000,
};

/** The defaults with `name=value` settings in place, or the sentence that says what is wrong with them. */
export function limitsFrom(settings: readonly string[]): Limits | string {
  const limits: Record<string, number> = { ...defaultLimits };
  for (const setting of settings) {
    const [name = "", text = ""] = setting.split("=", 2);
    if (!Object.hasOwn(defaultLimits, name)) return `--limit ${name}: there is no such limit`;
    if (!/^\d{1,15}$/.test(text)) return `--limit ${name}: "${text}" is not a whole number`;
    limits[name] = Number(text);
  }
  return limits as unknown as Limits;
}
