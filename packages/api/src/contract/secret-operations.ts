import { z } from "zod";
import { secretChanged, secretShape } from "../shapes/secret.ts";
import type { Route } from "../route.ts";
import { routes } from "../routes.ts";
import { by, none } from "./inputs.ts";

const environment = z
  .string()
  .min(1)
  .max(60)
  .nullable()
  .default(null)
  .describe("null: for every environment that has none of its own");
const secretName = z.object({ name: z.string().min(1).max(128) });

/** Ten thousand values of more than a kilobyte each. */
const longestImport = 16 * 1024 * 1024;

/** Secrets of the built-in store. No answer holds a value. */
export const secretOperations = {
  secrets: {
    ...routes.secrets,
    summary: "The secrets with their versions and who is given them, without values.",
    access: "secrets",
    params: none,
    query: z.object({ environment: z.string().max(60).optional() }),
    body: null,
    answer: z.array(secretShape),
    kind: "json",
  },
  setSecret: {
    ...routes.setSecret,
    summary: "Gives a secret its next version: a value, or where another store keeps it.",
    access: "secrets",
    stepUp: true,
    machines: true,
    params: secretName,
    query: none,
    body: z.object({
      environment,
      value: z.string().nullable().default(null).describe("Never shown again"),
      reference: z.string().max(2000).nullable().default(null).describe("In its place: vault:MOUNT/PATH#FIELD, say"),
      by,
    }),
    answer: secretChanged,
    kind: "json",
  },
  importSecrets: {
    ...routes.importSecrets,
    summary: "Gives many secrets values, all or none: at most 16 MiB of them at once.",
    access: "secrets",
    stepUp: true,
    machines: true,
    longestBody: longestImport,
    params: none,
    query: none,
    body: z.object({ environment, values: z.record(z.string().max(128), z.string()), by }),
    answer: z.array(secretChanged),
    kind: "json",
  },
  rollBackSecret: {
    ...routes.rollBackSecret,
    summary: "Makes what an earlier version held the newest one.",
    access: "secrets",
    stepUp: true,
    params: secretName,
    query: none,
    body: z.object({ environment, version: z.number().int().min(1), by }),
    answer: secretChanged,
    kind: "json",
  },
  removeSecret: {
    ...routes.removeSecret,
    summary: "Takes a secret away with the values of all its versions, for good.",
    access: "secrets",
    stepUp: true,
    params: secretName,
    query: none,
    body: z.object({ environment, by }),
    answer: z.object({ name: z.string(), environment: z.string().nullable() }),
    kind: "json",
  },
  rotateKey: {
    ...routes.rotateKey,
    summary: "Exchanges the key by which secrets are sealed. What the old key sealed before stays in backups.",
    access: "secrets",
    stepUp: true,
    params: none,
    query: none,
    body: z.object({ by }),
    answer: z.object({
      key: z.string().describe("By its id; the key itself never leaves the daemon's machine"),
      before: z.array(z.string()).describe("Backups made until now need these"),
      sealedAnew: z.number(),
      place: z.string().describe("Where keys lie"),
    }),
    kind: "json",
  },
} as const satisfies Record<string, Route>;
