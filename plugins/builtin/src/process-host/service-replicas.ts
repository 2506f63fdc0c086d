import type { FencingToken, Millis, Replica, ReplicaEvidence, ReplicaHost, ReplicaSpec } from "@fairway/core";
import { FairwayError, codeOf, messageOf, scopeOf } from "@fairway/core";
import type { Fences } from "./fences.ts";
import { mustBeFolderName } from "./replica-folders.ts";

/** A replica that a host looks after, whatever it runs in. */
export interface KeptReplica {
  readonly record: { readonly name: string; readonly scope: string };
  look(): Promise<Replica>;
  evidence(): Promise<ReplicaEvidence>;
  stop(grace: Millis): Promise<void>;
}

/** What is particular to the replicas of one host on this machine. */
export interface ReplicaKeeper<Kept extends KeptReplica> {
  readonly kind: string;
  /** All that are on record, by name. */
  readonly replicas: ReadonlyMap<string, Kept>;
  /** Those that are being started: who asks again waits for the same start. */
  readonly starting: Map<string, Promise<void>>;
  readonly fences: Fences;
  /** Returns once what an earlier daemon left is on record. */
  opened(): Promise<void>;
  /** Starts one, of a name that is free, and puts it on record. */
  launch(scope: string, spec: ReplicaSpec, token: FencingToken): Promise<void>;
  /** Takes a dead one off the record. */
  forget(replica: Kept): Promise<void>;
}

/** The replicas of one service in one environment, of all that a keeper has: to others it has no access. */
export function serviceReplicas<Kept extends KeptReplica>(
  keeper: ReplicaKeeper<Kept>,
  environment: string,
  service: string,
): ReplicaHost {
  const { replicas, starting, fences } = keeper;
  const scope = scopeOf(environment, service);
  const own = (): readonly Kept[] => [...replicas.values()].filter(({ record }) => record.scope === scope);
  const mine = (name: string): Kept | undefined => own().find(({ record }) => record.name === name);

  /** What the system refused us, file descriptors say, it may grant later: that is no answer about the replicas. */
  async function attempt<Answer>(what: string, call: () => Answer | Promise<Answer>): Promise<Answer> {
    try {
      await keeper.opened();
      return await call();
    } catch (thrown) {
      if (codeOf(thrown) !== undefined) throw thrown;
      const message = `could not ${what} of ${scope}: ${messageOf(thrown)}`;
      throw new FairwayError("target_unreachable", message, { cause: thrown, retryable: true });
    }
  }

  async function start(spec: ReplicaSpec, token: FencingToken): Promise<void> {
    fences.pass(token);
    mustBeFolderName(spec.name);
    if (mine(spec.name)) return;
    if (replicas.has(spec.name))
      throw new FairwayError("not_allowed_now", `a replica of another service is called ${spec.name} already`);
    const launched =
      starting.get(spec.name) ?? keeper.launch(scope, spec, token).finally(() => starting.delete(spec.name));
    starting.set(spec.name, launched);
    await launched;
  }

  async function forget(name: string, token: FencingToken): Promise<void> {
    fences.pass(token);
    const replica = mine(name);
    if (!replica) return;
    if ((await replica.look()).alive)
      throw new FairwayError("not_allowed_now", `replica ${name} is still alive and cannot be forgotten`, {
        hint: "Stop it first.",
      });
    await keeper.forget(replica);
  }

  return {
    kind: keeper.kind,
    evidence: (name) => attempt(`look at what ${name} left`, async () => (await mine(name)?.evidence()) ?? null),
    list: () => attempt("look at the replicas", () => Promise.all(own().map((replica) => replica.look()))),
    start: (spec, token) => attempt(`start ${spec.name}`, () => start(spec, token)),
    stop: (name, grace, token) =>
      attempt(`stop ${name}`, () => {
        fences.pass(token);
        return mine(name)?.stop(grace);
      }),
    fence: (token) => attempt("take hold of the replicas", () => fences.pass(token)),
    forget: (name, token) => attempt(`forget ${name}`, () => forget(name, token)),
  };
}
