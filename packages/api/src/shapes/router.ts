import { z } from "zod";
import { timestamp } from "./timestamp.ts";

export const routerCertificate = z
  .object({
    host: z.string().describe("Whom it is served to: a name, a wildcard, or `*` for all others"),
    certificate: z.string().describe("The file it was read from"),
    names: z.array(z.string()).describe("The names it is for"),
    validUntil: timestamp,
  })
  .meta({ id: "RouterCertificate" });
export type RouterCertificate = z.output<typeof routerCertificate>;

export const routerEndpoint = z
  .object({
    replica: z.string(),
    host: z.string(),
    port: z.number(),
    state: z
      .enum(["well", "ejected", "ill", "draining"])
      .describe(
        "`ejected`: refused a connection a moment ago; `ill`: its health path says no; `draining`: off the table",
      ),
    inFlight: z.number().describe("Requests and streams open at it"),
    served: z.number(),
    failed: z.number(),
    lastFailure: z.string().nullable(),
  })
  .meta({ id: "RouterEndpoint" });
export type RouterEndpoint = z.output<typeof routerEndpoint>;

export const routerWorker = z.object({
  pid: z.number(),
  role: z
    .enum(["leads", "follows", "retires"])
    .describe("`leads`: it writes the table; `follows`: beside it; `retires`: it only ends what it has"),
  since: timestamp,
  connections: z.number(),
  residentBytes: z.number(),
});

export const routerMaintenance = z.object({
  route: z.string().describe("`production/web`"),
  message: z.string().describe("What its users are told"),
});

export const routerStatus = z
  .object({
    kind: z.enum(["local", "haproxy"]),
    holder: z
      .number()
      .nullable()
      .describe("The process that holds the sockets; null between its death and the next one"),
    worker: z.number().describe("The process that carries traffic, or leads those that do"),
    workers: z.number().describe("How many processes are to carry traffic"),
    processes: z.array(routerWorker).describe("Those that do; none where that is not known"),
    since: timestamp,
    public: z.string().describe("`127.0.0.1:8080`"),
    publicTls: z.string().nullable(),
    internal: z.string(),
    tableVersion: z.number(),
    connections: z.number(),
    connectionLimit: z.number(),
    files: z
      .object({ limit: z.number().nullable(), open: z.number().nullable() })
      .nullable()
      .describe("Open files of the worker that has most; null where that is not known"),
    accessLogSample: z
      .number()
      .nullable()
      .describe("Which part of the requests that went well is logged; null when none is"),
    maintenance: z.array(routerMaintenance).describe("The routes whose users are told to come back later"),
    held: z.number().nullable().describe("Requests that wait for a replica"),
    totals: z.record(z.string(), z.number()).describe("What its workers did since they started"),
    certificates: z.array(routerCertificate),
    endpoints: z.array(routerEndpoint),
  })
  .meta({ id: "RouterStatus" });
export type RouterStatus = z.output<typeof routerStatus>;
