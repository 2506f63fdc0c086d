import type { ReplicaHost, TrafficRouter } from "@fairway/core";

/**
 * A host that starts, ends and forgets nothing more once the signal has fired: it throws the signal's reason instead. What
 * has begun goes on, and whoever puts things right comes with a newer token.
 */
export function haltingHost(host: ReplicaHost, signal: AbortSignal): ReplicaHost {
  const unless = <Answer>(call: () => Promise<Answer>): Promise<Answer> =>
    signal.aborted ? Promise.reject(signal.reason as Error) : call();
  return {
    ...host,
    list: () => host.list(),
    start: (spec, token) => unless(() => host.start(spec, token)),
    stop: (name, grace, token) => unless(() => host.stop(name, grace, token)),
    forget: (name, token) => unless(() => host.forget(name, token)),
  };
}

/** A router that shifts nothing more once the signal has fired, and waits no longer until replicas are drained. */
export function haltingRouter(router: TrafficRouter, signal: AbortSignal): TrafficRouter {
  return {
    ...router,
    read: () => router.read(),
    write: (table) => (signal.aborted ? Promise.reject(signal.reason as Error) : router.write(table)),
    drain: (endpoints, within) => unlessHalted(router.drain(endpoints, within), signal),
    left: async (token) => {
      signal.throwIfAborted();
      await router.left?.(token);
    },
  };
}

/** What is waited for, or the signal's reason when it fires first. */
function unlessHalted<Answer>(waited: Promise<Answer>, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const halt = (): void => reject(signal.reason as Error);
    if (signal.aborted) halt();
    signal.addEventListener("abort", halt, { once: true });
    waited.then(resolve, reject).finally(() => signal.removeEventListener("abort", halt));
  });
}
