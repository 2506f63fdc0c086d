import { z } from "zod";
import type { Route } from "../route.ts";
import { routes } from "../routes.ts";
import { alertShape, backupRepositoryShape, backupShape, backupsShape, drillShape } from "../shapes/backup.ts";
import { limit, none } from "./inputs.ts";

const of = z
  .string()
  .min(1)
  .max(60)
  .default("fairway")
  .describe("Whose backups: a name of ops/backups.yaml, or Fairway's own database");

/** Backups of Fairway's own database, and drills that restore them. */
export const backupOperations = {
  backups: {
    ...routes.backups,
    summary: "The backups of Fairway's own database, as their repository has them.",
    access: "read",
    params: none,
    query: none,
    body: null,
    answer: backupsShape,
    kind: "json",
  },
  backupRepositories: {
    ...routes.backupRepositories,
    summary:
      "All repositories of backups, Fairway's own first: what is in each, what is owed of it, and how its drills went over time.",
    access: "read",
    params: none,
    query: none,
    body: null,
    answer: z.array(backupRepositoryShape),
    kind: "json",
  },
  alerts: {
    ...routes.alerts,
    summary: "What is wrong with what is looked at each minute, those that go on first.",
    access: "read",
    params: none,
    query: z.object({ limit }),
    body: null,
    answer: z.array(alertShape),
    kind: "json",
  },
  takeBackup: {
    ...routes.takeBackup,
    summary: "Makes a backup now, beside those of its schedule. Null where a cloud makes it in its own time.",
    access: "operate",
    params: none,
    query: none,
    body: z.object({ of }),
    answer: backupShape.nullable(),
    kind: "json",
  },
  drills: {
    ...routes.drills,
    summary: "Restore drills with what each step has found, the newest first.",
    access: "read",
    params: none,
    query: z.object({ limit }),
    body: null,
    answer: z.array(drillShape),
    kind: "json",
  },
  startDrill: {
    ...routes.startDrill,
    summary:
      "Begins a restore drill: a backup is restored apart from everything, started and looked at, and cleared away.",
    access: "operate",
    params: none,
    query: none,
    body: z.object({ of, choose: z.enum(["latest", "random"]).default("latest") }),
    answer: drillShape,
    kind: "json",
  },
  quarterSummary: {
    ...routes.quarterSummary,
    summary:
      "What was owed and shown within a quarter: slots, drills, waivers and incidents. The same bytes for the same record.",
    access: "audit",
    params: none,
    query: z.object({
      quarter: z
        .string()
        .regex(/^\d{4}-Q[1-4]$/, "a quarter is written like 2026-Q4")
        .describe("2026-Q4"),
      form: z
        .enum(["md", "csv", "json", "seal"])
        .default("md")
        .describe("`json` is JSON Lines; `seal` the signed digests of all three"),
    }),
    body: null,
    answer: z.string(),
    kind: "file",
  },
  evidenceBundle: {
    ...routes.evidenceBundle,
    summary: "All that is on record of a release, signed, as a zip that `fairway verify` reads anywhere.",
    access: "audit",
    params: z.object({ release: z.string().regex(/^r\d+$/, "a release is named like r42") }),
    query: none,
    body: null,
    answer: z.string(),
    kind: "file",
  },
} as const satisfies Record<string, Route>;
