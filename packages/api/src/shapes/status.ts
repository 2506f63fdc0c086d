import { z } from "zod";
import { environment } from "./environment.ts";
import { routerCertificate } from "./router.ts";
import { runSummary } from "./run.ts";
import { timestamp } from "./timestamp.ts";

export const status = z
  .object({
    version: z.string(),
    pid: z.number(),
    startedAt: timestamp,
    project: z.string(),
    repository: z.string(),
    dataDirectory: z.string(),
    url: z.string(),
    routerUrl: z.string(),
    environments: z.array(environment),
    active: z.array(runSummary).describe("The newest runs that have not ended, at most 50"),
    open: z.number().describe("How many runs have not ended, `active` among them"),
    certificates: z.array(routerCertificate).describe("Those that the router serves"),
    problems: z.array(z.string()).describe("What is wrong with the machine or the daemon now"),
  })
  .meta({ id: "Status" });
export type Status = z.output<typeof status>;

export const finding = z
  .object({
    what: z.string(),
    state: z.enum(["ok", "warning", "problem"]),
    message: z.string(),
    action: z.string().nullable(),
  })
  .meta({ id: "Finding" });
export type Finding = z.output<typeof finding>;
