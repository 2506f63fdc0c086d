import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Endpoint, Millis, RoutingTable, S3Place, TrafficRouter } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import { s3Archive } from "../s3/s3-archive.ts";
import type { AwsSession } from "../session/aws-session.ts";
import type { AlbPlace } from "./alb-listener.ts";
import { addressOf, applyListener, healthOf, ownGroups } from "./alb-listener.ts";
import { beyondAlb, wantedListener } from "./alb-rules.ts";

/** A listener of an Application Load Balancer, and where its table is kept. */
export interface AlbRouterParts {
  readonly session: AwsSession;
  readonly place: AlbPlace;
  /** Each version of the table is an object that is written once; that is what makes one of two writers the first. */
  readonly tables: S3Place;
  /** Between two looks at what drains. */
  readonly poll?: Millis;
  /** After so long a read makes the listener follow again, whoever has changed it meanwhile; a minute when left out. */
  readonly again?: Millis;
}

/** How a replica behind the load balancer does, in AWS's words: `healthy`, `unhealthy` and why. */
export interface AlbTarget {
  /** Which route it is behind: `production/web`. */
  readonly route: string;
  readonly address: string;
  readonly state: string;
  readonly why: string;
}

/** A router that is a load balancer of AWS. */
export interface AlbRouter extends TrafficRouter {
  /** Those of the routes of an environment; another's may stand behind the same listener. */
  targets(environment: string): Promise<readonly AlbTarget[]>;
}

/**
 * An Application Load Balancer as a router: routes are rules of its listener, the replicas of a release a target group, and
 * weights those of a forward. The table lies in S3, where a version is written only if it is not there yet, and the listener is
 * made to follow; what was stopped in between is made up for at the next read or write.
 */
export function albRouter({ session, place, tables, poll = 5_000, again = 60_000 }: AlbRouterParts): AlbRouter {
  const archive = s3Archive(session, { ...tables, prefix: `${tables.prefix}${ownPlace(place.listener)}/` });
  let applied: { readonly version: number; readonly at: Millis } | null = null;
  let turn: Promise<void> = Promise.resolve();

  async function newest(): Promise<RoutingTable> {
    const [name] = await archive.list("table-", 1);
    if (name === undefined) return { version: 0, routes: {} };
    const bytes = await archive.read(name);
    // It was tidied away between the two calls, so there is a newer one.
    if (bytes === null) return newest();
    return JSON.parse(new TextDecoder().decode(bytes)) as RoutingTable;
  }

  /** One after the other: two that went side by side could leave the older table. */
  function follow(table: RoutingTable): Promise<void> {
    const mine = turn.then(() => catchUp(table.version));
    turn = mine.catch(() => undefined);
    return mine;
  }

  /** Until what was applied is the newest: another daemon may have written, and applied its own, in the middle of it. */
  async function catchUp(atLeast: number): Promise<void> {
    const isNew = applied !== null && performance.now() - applied.at < again;
    if (isNew && applied !== null && applied.version >= atLeast) return;
    for (;;) {
      const table = await newest();
      await applyListener(await session.elbv2(), place, wantedListener(table, place.listener));
      applied = { version: table.version, at: performance.now() };
      if ((await newest()).version === table.version) return;
    }
  }

  return {
    async read() {
      const table = await newest();
      if (table.version > 0) await follow(table);
      return table;
    },

    async write(table) {
      const now = await newest();
      if (table.version !== now.version) return { outcome: "outdated", version: now.version };
      for (const [route, { epoch }] of Object.entries(table.routes)) {
        const inForce = now.routes[route]?.epoch ?? epoch;
        if (epoch < inForce) return { outcome: "fenced", route, epoch: inForce };
      }
      const beyond = beyondAlb(table);
      if (beyond.length > 0)
        throw new FairwayError("not_allowed_now", `an Application Load Balancer cannot do that: ${beyond.join("; ")}`);
      const next: RoutingTable = { ...table, version: table.version + 1 };
      const bytes = new TextEncoder().encode(JSON.stringify(next));
      const { kept } = await archive.keep(nameOf(next.version), bytes, { type: "application/json" });
      if (kept !== "now") return { outcome: "outdated", version: next.version };
      await follow(next);
      return { outcome: "written", version: next.version };
    },

    async drain(endpoints, within) {
      const elb = await session.elbv2();
      const until = performance.now() + within;
      const wanted = new Set(endpoints.map((endpoint: Endpoint) => addressOf(endpoint)));
      for (;;) {
        let draining = 0;
        for (const { TargetGroupArn: arn = "" } of await ownGroups(elb, place))
          for (const target of await healthOf(elb, arn))
            if (wanted.has(addressOf(target)) && target.TargetHealth?.State === "draining") draining += 1;
        if (draining === 0) return { cut: 0 };
        // AWS does not say how many requests are open, only that there may be some.
        if (performance.now() >= until) return { cut: draining };
        await sleep(Math.min(poll, Math.max(1, until - performance.now())));
      }
    },

    async targets(environment) {
      const elb = await session.elbv2();
      const found: AlbTarget[] = [];
      for (const { TargetGroupArn: arn = "", route } of await ownGroups(elb, place, `${environment}/`))
        for (const target of await healthOf(elb, arn))
          found.push({
            route,
            address: addressOf(target),
            state: target.TargetHealth?.State ?? "unknown",
            why: [target.TargetHealth?.Reason, target.TargetHealth?.Description].filter(Boolean).join(": "),
          });
      return found;
    },
  };
}

/** Each listener has tables of its own in the bucket: two that shared one would carry each other's routes. */
const ownPlace = (listener: string): string => createHash("sha256").update(listener).digest("hex").slice(0, 16);

/** The newest comes first in S3, which lists by the letters of names. */
const nameOf = (version: number): string => `table-${String(1_000_000_000_000 - version).padStart(13, "0")}.json`;
