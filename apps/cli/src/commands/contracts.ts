import type { ContractsShape } from "@fairway/api";
import type { ReleaseId } from "@fairway/core";
import { addressModule, FairwayError } from "@fairway/core";
import type { GlobalOptions } from "../context.ts";
import { daemonClient } from "../context.ts";
import { bold, columns, harmless, markOf, print, printJson, wrap } from "../output/terminal.ts";
import { table } from "../output/table.ts";

interface ContractsOptions extends GlobalOptions {
  readonly service?: string;
  readonly release?: string;
  readonly export?: string;
}

type Service = ContractsShape["services"][number];
type Version = Service["versions"][number];

/** `fairway contracts <environment>`. */
export async function contracts([environment = ""]: readonly string[], options: ContractsOptions): Promise<void> {
  const client = await daemonClient(options);
  const found = await client.call("contracts", { environment });
  const services = found.services.filter(({ service }) => options.service === undefined || service === options.service);
  if (options.export !== undefined) return exported(environment, services, options);
  if (options.json) return printJson({ ...found, services });
  if (services.length === 0) return print(`no contracts were deployed to ${harmless(environment)} yet`);
  for (const service of services) for (const line of serviceLines(service, versionOf(service, options))) print(line);
}

function exported(environment: string, services: readonly Service[], options: ContractsOptions): void {
  const [service, ...others] = services;
  if (service === undefined || others.length > 0)
    throw new FairwayError("bad_request", `${services.length} services have contracts in ${environment}`, {
      hint: "name one with --service",
    });
  const version = versionOf(service, options);
  if (options.export === "json")
    return printJson(
      Object.fromEntries(version.contracts.map(({ name, chain, address }) => [name, { chain, address }])),
    );
  if (options.export !== "ts")
    throw new FairwayError("bad_request", `"${options.export}" is no form of addresses`, { hint: "use ts or json" });
  const { release, contracts: all } = version;
  print(
    addressModule({
      environment,
      service: service.service,
      ...version,
      release: release as ReleaseId,
      contracts: all,
    }).trimEnd(),
  );
}

function versionOf({ service, versions }: Service, { release }: ContractsOptions): Version {
  const found = versions.find((version) => release === undefined || version.release === release);
  if (found !== undefined) return found;
  throw new FairwayError("not_found", `${service} has no addresses${release === undefined ? "" : ` of ${release}`}`);
}

function serviceLines({ service, drift }: Service, { version, release, contracts: all }: Version): readonly string[] {
  const rows = all.map(({ name, kind, chain, address, implementation }) => [
    harmless(name),
    kind,
    String(chain),
    harmless(address),
    implementation ?? "–",
  ]);
  return [
    bold(`${harmless(service)}, version ${version}, of ${release}`),
    ...table(["name", "kind", "chain", "address", "leads to"], rows),
    ...(drift === null
      ? []
      : drift.differences.length === 0
        ? [`${markOf("succeeded")} the chain agreed at ${drift.at}`]
        : drift.differences.flatMap((one) => wrap(`${markOf("failed")} ${harmless(one)}`, columns(), "  "))),
  ];
}
