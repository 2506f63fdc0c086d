import type { ReplicaHost, TrafficRouter } from "@fairway/core";

/** Whoever called is gone: the effect was had or it was not, and nobody was told. */
export class InjectedCrash extends Error {
  constructor(where: string) {
    super(`crashed ${where}`);
    Object.defineProperty(this, "name", { value: "InjectedCrash", enumerable: true });
  }
}

/** Whether what was thrown is a crash that a test asked for. */
export const isInjectedCrash = (thrown: unknown): boolean => thrown instanceof InjectedCrash;

/** Calls, and crashes just before or just after where `crash` says so. */
export async function crashing<Answer>(
  crash: () => boolean,
  what: string,
  call: () => Promise<Answer>,
): Promise<Answer> {
  if (crash()) throw new InjectedCrash(`before ${what}`);
  const answer = await call();
  if (crash()) throw new InjectedCrash(`after ${what}`);
  return answer;
}

/** A host whose every call may be the last thing its caller does; `crash` is asked before and after each. */
export function crashingHost(host: ReplicaHost, crash: () => boolean): ReplicaHost {
  return {
    kind: host.kind,
    list: () => crashing(crash, "list", () => host.list()),
    start: (spec, token) => crashing(crash, `start ${spec.name}`, () => host.start(spec, token)),
    stop: (name, grace, token) => crashing(crash, `stop ${name}`, () => host.stop(name, grace, token)),
    fence: (token) => crashing(crash, "fence", () => host.fence(token)),
    evidence: (name) => crashing(crash, `look at what ${name} left`, () => host.evidence(name)),
    forget: (name, token) => crashing(crash, `forget ${name}`, () => host.forget(name, token)),
  };
}

/** A router whose every call may be the last thing its caller does; `crash` is asked before and after each. */
export function crashingRouter(router: TrafficRouter, crash: () => boolean): TrafficRouter {
  return {
    read: () => crashing(crash, "read", () => router.read()),
    write: (table) => crashing(crash, "write", () => router.write(table)),
    drain: (endpoints, within) => crashing(crash, "drain", () => router.drain(endpoints, within)),
  };
}
