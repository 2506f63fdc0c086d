import type { MemoryHost } from "@fairway/conformance";
import { InjectedCrash, memoryHost, memoryRouter } from "@fairway/conformance";
import type { FencingToken, ReleaseId, Replica, ReplicaHost, RoutingTable, Target, TrafficRouter } from "@fairway/core";
import { FairwayError, defaultHealth, driven } from "@fairway/core";
import { haltingHost, haltingRouter } from "../halting.ts";

/** The two services of a history; the second needs the first. */
export const services = ["api", "web"] as const;
export type Service = (typeof services)[number];

/** What may happen to one call of a driver. */
export type Fate = "well" | "crash-before" | "crash-after" | "silent" | "freeze";

/** What a history asks of its platform, and hears of it. */
export interface PlatformParts {
  readonly fate: () => Fate;
  /** Whether a replica that starts gets ready within this moment. */
  readonly getsReady: () => boolean;
  /** How the replicas of a release behave: a word that the fakes know, or null when they are well. */
  readonly sentinelOf: (release: ReleaseId) => string | null;
  /** Told of every effect that was had, by whose token, and of every broken promise. */
  readonly onEffect: (token: FencingToken) => void;
  readonly onBroken: (what: string) => void;
}

/** Two services, their replicas and the router, in memory; drivers crash, freeze and meet silence where chance says so. */
export class Platform {
  readonly hosts: ReadonlyMap<Service, MemoryHost>;
  readonly #router: TrafficRouter;
  readonly #parts: PlatformParts;
  /** Drivers that froze in the middle of a call; each goes on when it is called. */
  readonly frozen: (() => void)[] = [];
  #onFreeze: () => void = () => undefined;
  /** Those that died by themselves or by chance: the router finds out by its own checks. */
  readonly #died = new Set<string>();

  constructor(parts: PlatformParts) {
    this.#parts = parts;
    this.hosts = new Map(services.map((service) => [service, memoryHost({ getsReady: parts.getsReady })]));
    this.#router = memoryRouter({ onWrite: (table) => this.#judge(table) });
  }

  tick(): void {
    for (const host of this.hosts.values()) host.tick();
  }

  async kill(service: Service, which: number): Promise<void> {
    const ready = (await this.replicas(service)).filter(({ state }) => state === "ready");
    const victim = ready[which % Math.max(1, ready.length)];
    // Not the last one: nobody can keep traffic without anybody to answer it.
    if (victim === undefined || ready.length < 2) return;
    this.#died.add(`${service} ${victim.name}`);
    this.host(service).kill(victim.name);
  }

  async replicas(service: Service): Promise<readonly Replica[]> {
    return this.host(service).list();
  }

  async routed(service: Service): Promise<readonly string[]> {
    const route = (await this.#router.read()).routes[`test/${service}`];
    return (route?.groups ?? []).flatMap(({ endpoints }) => endpoints.map(({ replica }) => replica));
  }

  host(service: Service): MemoryHost {
    const host = this.hosts.get(service);
    if (host === undefined) throw new TypeError(`there is no ${service}`);
    return host;
  }

  /** The target of one service as one driver has it. Without a signal it neither halts nor fails: the keeper's. */
  target(service: Service, signal?: AbortSignal): Target {
    const noted = this.#noted(service);
    const host = signal === undefined ? noted : haltingHost(this.#faulty(noted), signal);
    const router = signal === undefined ? this.#router : haltingRouter(this.#faultyRouter(), signal);
    return driven({
      host,
      router,
      route: {
        name: `test/${service}`,
        rules: [{ host: service, path: "/" }],
        internalPath: `/test/${service}`,
        health: { path: "/", interval: 1, timeout: 1 },
      },
      specOf: async (release, ordinal) => ({
        name: `${release}-${ordinal}`,
        release,
        command: ["serve", this.#parts.sentinelOf(release) ?? "well"],
        directory: "/",
        env: {},
        health: defaultHealth,
      }),
      stop: { drain: 0, grace: 0 },
      lookAgain: 1,
    });
  }

  /** Has a driver do a step, until it is done or has frozen in the middle of it; then the step goes on when it thaws. */
  async untilDoneOrFrozen<Answer>(
    begin: () => Promise<Answer>,
  ): Promise<{ readonly answer: Answer } | { readonly goesOn: Promise<Answer> }> {
    const frozen = new Promise<"frozen">((resolve) => (this.#onFreeze = () => resolve("frozen")));
    const step = begin();
    const first = await Promise.race([step.then((answer) => ({ answer })), frozen]);
    return first === "frozen" ? { goesOn: step } : first;
  }

  /** Tells of each effect once it was had: what was refused, or did nothing because it was so already, is none. */
  #noted(service: Service): ReplicaHost {
    const host = this.host(service);
    const noting = async (token: FencingToken, call: () => Promise<void>): Promise<void> => {
      const before = await host.list();
      await call();
      const after = await host.list();
      if (after.length !== before.length || after.some((replica, at) => replica !== before[at]))
        this.#parts.onEffect(token);
    };
    return {
      ...host,
      start: (spec, token) => noting(token, () => host.start(spec, token)),
      stop: (name, grace, token) => noting(token, () => host.stop(name, grace, token)),
      forget: (name, token) => noting(token, () => host.forget(name, token)),
    };
  }

  async #call<Answer>(what: string, call: () => Promise<Answer>): Promise<Answer> {
    const fate = this.#parts.fate();
    if (fate === "crash-before") throw new InjectedCrash(`before ${what}`);
    if (fate === "silent") throw new FairwayError("target_unreachable", `${what}: no answer`, { retryable: true });
    if (fate === "freeze")
      await new Promise<void>((thaw) => {
        this.frozen.push(thaw);
        this.#onFreeze();
      });
    const answer = await call();
    if (fate === "crash-after") throw new InjectedCrash(`after ${what}`);
    return answer;
  }

  #faulty(host: ReplicaHost): ReplicaHost {
    return {
      ...host,
      list: () => this.#call("list", () => host.list()),
      start: (spec, token) => this.#call(`start ${spec.name}`, () => host.start(spec, token)),
      stop: (name, grace, token) => this.#call(`stop ${name}`, () => host.stop(name, grace, token)),
      forget: (name, token) => this.#call(`forget ${name}`, () => host.forget(name, token)),
      fence: (token) => this.#call("fence", () => host.fence(token)),
    };
  }

  #faultyRouter(): TrafficRouter {
    const router = this.#router;
    return {
      read: () => this.#call("read", () => router.read()),
      write: (table) => this.#call("write", () => router.write(table)),
      drain: (endpoints, within) => this.#call("drain", () => router.drain(endpoints, within)),
    };
  }

  /** Users meet only replicas that were ready when the table was made, and somebody as long as anybody is there. */
  #judge(table: RoutingTable): void {
    for (const [name, { groups }] of Object.entries(table.routes)) {
      const service = name.slice("test/".length) as Service;
      void this.host(service)
        .list()
        .then((all) => {
          const served = groups.filter(({ weight }) => weight > 0).flatMap(({ endpoints }) => endpoints);
          for (const { replica } of served) {
            const state = all.find((other) => other.name === replica)?.state;
            const diedByItself = state === "failed" || this.#died.has(`${service} ${replica}`);
            if (state !== "ready" && !diedByItself)
              this.#parts.onBroken(`I3: ${name} goes to ${replica}, which is ${state ?? "not there"}`);
          }
        });
    }
  }
}
