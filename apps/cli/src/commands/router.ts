import type { RouterStatus } from "@fairway/api";
import { FairwayError } from "@fairway/core";
import type { GlobalOptions } from "../context.ts";
import { daemonClient } from "../context.ts";
import { table } from "../output/table.ts";
import { bold, harmless, print, printJson } from "../output/terminal.ts";

/** `fairway router status`. */
export async function routerStatus(_args: readonly string[], options: GlobalOptions): Promise<void> {
  const client = await daemonClient(options);
  const status = await client.call("routerStatus", {});
  if (options.json) return printJson(status);
  for (const line of routerLines(status)) print(line);
}

/** `fairway router reload`. */
export async function routerReload(_args: readonly string[], options: GlobalOptions): Promise<void> {
  const client = await daemonClient(options);
  const { certificates } = await client.call("routerReload", {});
  if (options.json) return printJson({ certificates });
  if (certificates.length === 0) print("the router has no certificates to read");
  else for (const line of certificateLines(certificates)) print(line);
}

/** `fairway router upgrade`. */
export async function routerUpgrade(_args: readonly string[], options: GlobalOptions): Promise<void> {
  const upgraded = await (await daemonClient(options)).call("routerUpgrade", {});
  if (options.json) return printJson(upgraded);
  print(`process ${upgraded.worker} carries the traffic now; the one before ends when its connections have`);
}

/** `fairway router maintenance`. */
export async function routerMaintenance(
  [environment = "", service = ""]: readonly string[],
  options: GlobalOptions & { readonly message?: string; readonly off?: boolean },
): Promise<void> {
  const { message = "", off = false } = options;
  if (off === (message !== ""))
    throw new FairwayError("bad_request", "say either what users are told, or that it is over", {
      hint: `fairway router maintenance ${environment} ${service} --message "…", or --off`,
    });
  const client = await daemonClient(options);
  const said = await client.call("routerMaintenance", { environment, service, message: off ? null : message });
  if (options.json) return printJson(said);
  if (off) print(`${service} in ${environment} is open`);
  else
    print(
      `${service} in ${environment} is closed for its users; → fairway router maintenance ${environment} ${service} --off`,
    );
}

/** What the router is and does, as lines for a person. */
export function routerLines(status: RouterStatus): readonly string[] {
  const { kind, holder, worker, since, connections, connectionLimit, files, held } = status;
  const { endpoints, certificates, workers, processes, accessLogSample, maintenance, totals } = status;
  const turnedAway = totals["turnedAway"] ?? 0;
  const facts: readonly (readonly [string, string | null])[] = [
    ["router", kind === "haproxy" ? "HAProxy" : "Fairway’s own"],
    [
      "processes",
      `worker ${worker}, ${holder === null ? "holder has died, the next one is starting" : `holder ${holder}`}`,
    ],
    ["workers", workers === 1 ? null : String(workers)],
    ["since", since],
    ["public", status.public],
    ["TLS", status.publicTls],
    ["internal", status.internal],
    ["table", `version ${status.tableVersion}`],
    ["connections", `${connections} of at most ${connectionLimit}`],
    ["open files", files === null || files.limit === null ? null : `${files.open ?? "?"} of at most ${files.limit}`],
    [
      "access log",
      accessLogSample === null
        ? null
        : accessLogSample === 1
          ? "every request"
          : `${accessLogSample} of what goes well`,
    ],
    ["turned away", turnedAway === 0 ? null : `${turnedAway} client${turnedAway === 1 ? "" : "s"}: too few open files`],
    ["waiting", held ? `${held} request${held === 1 ? "" : "s"}, for a replica` : null],
  ];
  return [
    ...facts.flatMap(([name, value]) => (value === null ? [] : [`${bold(name.padEnd(11))}  ${value}`])),
    ...(maintenance.length === 0 ? [] : ["", ...maintenanceLines(maintenance)]),
    ...(processes.length < 2 ? [] : ["", ...processLines(processes)]),
    ...(certificates.length === 0 ? [] : ["", ...certificateLines(certificates)]),
    ...(endpoints.length === 0 ? [] : ["", ...endpointLines(endpoints)]),
  ];
}

const maintenanceLines = (maintenance: RouterStatus["maintenance"]): readonly string[] =>
  table(
    ["closed", "its users are told"],
    maintenance.map(({ route, message }) => [route, harmless(message)]),
  );

const roles = { leads: "leads", follows: "beside it", retires: "ends what it has" } as const;

const processLines = (processes: RouterStatus["processes"]): readonly string[] =>
  table(
    ["process", "does", "since", "connections", "memory"],
    processes.map(({ pid, role, since, connections, residentBytes }) => [
      ...[String(pid), roles[role], since.slice(0, 19).replace("T", " "), String(connections)],
      `${Math.round(residentBytes / 1024 / 1024)} MiB`,
    ]),
  );

const certificateLines = (certificates: RouterStatus["certificates"]): readonly string[] =>
  table(
    ["served to", "valid until", "names", "certificate"],
    certificates.map(({ host, validUntil, names, certificate }) => [
      ...[host, validUntil.slice(0, 10), names.map(harmless).join(" "), harmless(certificate)],
    ]),
  );

const endpointLines = (endpoints: RouterStatus["endpoints"]): readonly string[] =>
  table(
    ["replica", "at", "is", "open", "served", "failed", "last failure"],
    endpoints.map(({ replica, host, port, state, inFlight, served, failed, lastFailure }) => [
      ...[replica, `${host}:${port}`, state],
      ...[inFlight, served, failed].map(String),
      harmless(lastFailure ?? ""),
    ]),
  );
