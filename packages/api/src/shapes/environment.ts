import { z } from "zod";
import { outcomeShape } from "./outcome.ts";
import { quarantineNote } from "./quarantine.ts";
import { revision } from "./revision.ts";
import { timestamp } from "./timestamp.ts";

export const replica = z.object({
  name: z.string(),
  release: z.string(),
  state: z.enum(["starting", "ready", "failed", "stopped"]),
  busy: z.number(),
  address: z.string().nullable(),
  reason: z.string().nullable(),
});

export const releaseFigures = z
  .object({
    release: z.string(),
    seconds: z.number().describe("The time they are of: the last minute, or less after a start"),
    requests: z.number(),
    requestsPerSecond: z.number(),
    errors: z.number().describe("Answered with 5xx, not answered, or not to the end"),
    p99: z
      .number()
      .nullable()
      .describe("Milliseconds to the head of the answer that 99 of 100 took at most; null when none was answered"),
  })
  .meta({ id: "ReleaseFigures" });
export type ReleaseFigures = z.output<typeof releaseFigures>;

export const runningService = z
  .object({
    name: z.string(),
    desired: z.number(),
    ready: z.number(),
    urls: z.array(z.string()),
    replicas: z.array(replica),
    problem: z.string().nullable().describe("Why its replicas could not be looked at"),
    traffic: z
      .array(releaseFigures)
      .nullable()
      .describe("What its releases did that got requests; null where that is not known, as with HAProxy"),
    chain: z
      .object({
        release: z.string().describe("Whose contracts they are"),
        contracts: z.array(
          z.object({
            name: z.string(),
            chain: z.number(),
            address: z.string(),
            implementation: z.string().nullable().describe("What it leads to; null where nothing is behind it"),
          }),
        ),
      })
      .nullable()
      .optional()
      .describe(
        "Where the contracts of a service are, which has no replicas; null before the first, absent for what runs on machines",
      ),
    maintenance: z
      .string()
      .nullable()
      .describe("What its users are told instead of being served; null when it is open"),
    warm: z
      .object({ release: z.string(), until: timestamp, replicas: z.number() })
      .nullable()
      .describe(
        "The replicas that run on without traffic, so that a rollback is only a switch; null when there are none",
      ),
  })
  .meta({ id: "RunningService" });

const runOfEnvironment = z.object({
  run: z.string(),
  title: z.string(),
  release: z.string().nullable().describe("What it brings"),
  paused: z
    .object({ by: z.string(), because: z.string().nullable(), since: timestamp })
    .nullable()
    .describe("Who holds it where it is; null while it goes on"),
});

export const environment = z
  .object({
    name: z.string(),
    purpose: z.string().nullable(),
    url: z.string().nullable(),
    urls: z
      .array(z.object({ name: z.string(), url: z.string() }))
      .describe("Where people find it, by what is found there; one without a name is `url`"),
    starts: z.array(z.string()).describe("What brings a release there, and what else runs there by itself, in words"),
    protection: z.array(z.string()).describe("What a deployment is held to, in words"),
    scale: z
      .array(z.object({ service: z.string(), replicas: z.number() }))
      .describe("How many copies of each service its configuration asks for"),
    deploys: z.enum(["automatically", "on-request"]),
    promotesFrom: z.string().nullable(),
    approvals: z.number(),
    current: z.object({ release: z.string(), revision, since: timestamp, run: z.string() }).nullable(),
    mixed: z
      .array(z.object({ service: z.string(), release: z.string() }))
      .describe("Services that run another release, after a rollback of single ones, until the next deployment"),
    quarantine: quarantineNote.nullable().describe("Why what runs here can be deployed nowhere; null when it can"),
    previous: z.string().nullable().describe("The release that a rollback would bring back"),
    moving: z.string().nullable().describe("The run that is changing it now"),
    holder: runOfEnvironment.nullable().describe("The same run, with whether somebody holds it where it is"),
    behind: z
      .object({
        count: z.number(),
        first: z.array(runOfEnvironment).describe("Those that were asked for first, at most 20"),
      })
      .describe("Deployments to it that have not ended, besides the one that is changing it"),
    last: z
      .object({ run: z.string(), release: z.string(), endedAt: timestamp })
      .extend(outcomeShape.shape)
      .nullable()
      .describe("The deployment that ended last, when the environment does not run what it was to bring"),
    lock: z
      .object({ by: z.string(), reason: z.string(), since: timestamp, until: timestamp.nullable() })
      .nullable()
      .describe("`until` is when it ends by itself"),
    freeze: z
      .object({ because: z.string(), until: timestamp })
      .nullable()
      .describe("What holds it still now, by its configuration, and when that is over"),
    next: z
      .object({
        state: z
          .enum(["ready", "current", "held", "blocked", "nothing"])
          .describe("`held`: a deployment would wait; `blocked`: it would be refused"),
        release: z.string().nullable(),
        sentence: z.string().describe("For people: `production can take r42`, or why not"),
      })
      .describe("Whether it can take the next release, as far as the ledger tells; a plan asks databases too"),
    health: z.object({
      state: z.enum(["healthy", "degraded", "down", "unknown", "empty"]),
      because: z.array(z.string()).describe("Which services, and why"),
    }),
    services: z.array(runningService),
  })
  .meta({ id: "Environment" });
export type EnvironmentShape = z.output<typeof environment>;
