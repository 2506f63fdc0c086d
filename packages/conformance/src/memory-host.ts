import type { Endpoint, ReleaseId, Replica, ReplicaEvidence, ReplicaHost, ReplicaSpec } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import { memoryFence } from "./fence.ts";
import type { Sentinel } from "./sentinels.ts";
import { sentinelOf } from "./sentinels.ts";

/** How many processes there are, counted by the world itself and not by whoever is judged. */
export interface Census {
  readonly alive: number;
  readonly ready: number;
}

/** A host of replicas that are only numbers. Nothing moves until `tick` is called. */
export interface MemoryHost extends ReplicaHost {
  /** Lets a moment pass: some of what starts gets ready, and what is to fail fails. */
  tick(): void;
  /** Ends a replica's process from outside, as the kernel might. Does nothing when there is none. */
  kill(name: string): void;
  census(): Census;
  /** How many replicas of a release failed and are on record. */
  failuresOf(release: ReleaseId): number;
}

export interface MemoryHostOptions {
  readonly kind?: string;
  /** Asked each moment of each replica that starts; without it they are ready after one moment. */
  readonly getsReady?: () => boolean;
  /** Called after every single change, so that a bound is seen at each instant. */
  readonly onChange?: (census: Census) => void;
  /** Every `list()` lets a moment pass, for those who have nobody to move the time. */
  readonly tickOnList?: boolean;
}

interface Copy {
  readonly replica: Replica;
  readonly sentinel: Sentinel | null;
  readonly age: number;
  /** Moments since it got ready. */
  readonly healthy: number;
}

const soon = 20;

/** Replicas in memory, which fail by the sentinel in their release or command. */
export function memoryHost(options: MemoryHostOptions = {}): MemoryHost {
  const copies = new Map<string, Copy>();
  const fence = memoryFence();
  const getsReady = options.getsReady ?? (() => true);
  let nextPort = 20_000;

  const census = (): Census => {
    const replicas = [...copies.values()].map((copy) => copy.replica);
    return {
      alive: replicas.filter((replica) => replica.alive).length,
      ready: replicas.filter((replica) => replica.state === "ready").length,
    };
  };

  function change(name: string, copy: Copy): void {
    copies.set(name, copy);
    options.onChange?.(census());
  }

  function tick(): void {
    for (const [name, copy] of copies) {
      const replica = afterOneMoment(copy, getsReady);
      const healthy = replica.state === "ready" && copy.replica.state === "ready" ? copy.healthy + 1 : 0;
      const next = { ...copy, replica, age: copy.age + 1, healthy };
      if (replica === copy.replica) copies.set(name, next);
      else change(name, next);
    }
  }

  return {
    kind: options.kind ?? "memory",
    tick,
    census,
    failuresOf: (release) =>
      [...copies.values()].filter(({ replica }) => replica.release === release && replica.state === "failed").length,

    async list() {
      if (options.tickOnList === true) tick();
      return [...copies.values()].map(({ replica, healthy }) => ({ ...replica, healthyFor: healthy }));
    },

    async start(spec: ReplicaSpec, token) {
      fence(token);
      if (copies.has(spec.name)) return;
      const sentinel = sentinelOf(spec);
      if (sentinel === "unstartable")
        throw new FairwayError("command_failed", `could not start ${spec.name}: it is unstartable`, {
          retryable: true,
        });
      const endpoint: Endpoint = { replica: spec.name, host: "127.0.0.1", port: nextPort++ };
      const replica: Replica = {
        name: spec.name,
        release: spec.release,
        state: "starting",
        alive: true,
        busy: 0,
        healthyFor: 0,
        endpoint,
      };
      change(spec.name, { replica, sentinel, age: 0, healthy: 0 });
    },

    async stop(name, _grace, token) {
      fence(token);
      const copy = copies.get(name);
      if (!copy?.replica.alive) return;
      const state = copy.replica.state === "failed" ? "failed" : "stopped";
      change(name, { ...copy, replica: { ...copy.replica, state, alive: false } });
    },

    async fence(token) {
      fence(token);
    },

    async evidence(name) {
      const copy = copies.get(name);
      return copy === undefined ? null : evidenceOf(copy.replica);
    },

    async forget(name, token) {
      fence(token);
      if (copies.get(name)?.replica.alive) throw new FairwayError("not_allowed_now", `replica ${name} is still alive`);
      copies.delete(name);
    },

    kill(name) {
      const copy = copies.get(name);
      if (copy?.replica.alive) change(name, { ...copy, replica: failed(copy.replica, false, "ended by SIGKILL") });
    },
  };
}

/** What one that is only numbers leaves: the exit code or the answer that its reason tells of. */
function evidenceOf({ alive, state, reason }: Replica): ReplicaEvidence {
  const said = reason ?? "";
  const code = /exited with code (\d+)/.exec(said)?.[1];
  const status = state === "ready" ? "200" : /answered (\d+)/.exec(said)?.[1];
  const isOver = !alive && state === "failed";
  return {
    exit: isOver ? { code: code === undefined ? null : Number(code), signal: null, outOfMemory: false } : null,
    log: code === undefined ? [] : ["a line before its end"],
    logWithheld: null,
    health: [
      {
        at: new Date(0).toISOString(),
        status: status === undefined ? null : Number(status),
        body: "",
        took: 1,
        error: status === undefined ? "did not answer" : null,
      },
    ],
  };
}

const failed = (replica: Replica, alive: boolean, reason: string): Replica => ({
  ...replica,
  state: "failed",
  alive,
  reason,
});

/** What becomes of a replica in a moment; the same object when nothing does. */
function afterOneMoment({ replica, sentinel, age }: Copy, getsReady: () => boolean): Replica {
  switch (replica.state) {
    case "starting":
      if (sentinel === "broken") return getsReady() ? failed(replica, false, "exited with code 1") : replica;
      if (sentinel === "never-ready")
        return age < soon ? replica : failed(replica, true, "did not answer in twenty moments");
      if (sentinel === "late" && age < soon) return replica;
      return getsReady() ? { ...replica, state: "ready" } : replica;
    case "ready":
      if (sentinel === "dies-later") return failed(replica, false, "exited with code 1");
      if (sentinel === "ill-later") return failed(replica, true, "answered 500 three times in a row");
      return replica;
    case "failed":
    case "stopped":
      return replica;
  }
}
