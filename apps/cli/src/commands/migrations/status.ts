import type { StandingMigrationsShape } from "@fairway/api";
import { FairwayError } from "@fairway/core";
import type { GlobalOptions } from "../../context.ts";
import { daemonClient, whoAsks } from "../../context.ts";
import { table } from "../../output/table.ts";
import { bold, columns, dim, harmless, markOf, print, printJson, wrap } from "../../output/terminal.ts";
import { ago } from "../../output/times.ts";

/** `fairway migrations status`: how they stand in an environment. */
export async function migrationStatus(
  [environment = ""]: readonly string[],
  options: GlobalOptions & { readonly release?: string },
): Promise<number> {
  const client = await daemonClient(options);
  const found = await client.call("migrations", {
    environment,
    ...(options.release === undefined ? {} : { release: options.release }),
  });
  if (options.json) printJson(found);
  else if (found.length === 0) print(`no service of ${environment} has migrations`);
  else for (const one of found) for (const line of linesOf(one, Date.now(), Math.min(columns(), 120))) print(line);
  return found.some(({ unreachable, problems }) => unreachable !== null || problems.length > 0) ? 1 : 0;
}

/** `fairway migrations resolve`: a person says what has become of one. */
export async function resolveMigration(
  [migration = ""]: readonly string[],
  options: GlobalOptions & {
    readonly env?: string;
    readonly as: string;
    readonly through?: boolean;
    readonly service?: string;
  },
): Promise<void> {
  const { env, as } = options;
  if (env === undefined)
    throw new FairwayError("bad_request", "it does not say in which environment", {
      hint: `fairway migrations resolve ${migration} --env <environment>`,
    });
  if (as !== "applied" && as !== "pending")
    throw new FairwayError("bad_request", `--as is "applied" or "pending", not "${as}"`);
  const client = await daemonClient(options);
  const found = await client.call("resolveMigration", {
    environment: env,
    migration,
    as,
    through: options.through ?? false,
    service: options.service ?? null,
    by: whoAsks(),
  });
  if (options.json) printJson(found);
  else
    print(
      `${found.resolved.join(", ")} of ${found.service} ${found.resolved.length === 1 ? "is" : "are"} ${as} in ${env}`,
    );
}

const marks = { applied: "succeeded", pending: "pending", running: "running", failed: "failed" } as const;

function linesOf(one: StandingMigrationsShape, now: number, width: number): readonly string[] {
  const { service, release, tool, folder, range, unreachable, migrations, problems } = one;
  const rows = migrations.map(({ id, class: of, state, appliedAt, adoptedFrom, file, trouble }) => [
    `${markOf(marks[state])} ${harmless(id)}`,
    of,
    unreachable === null ? state : "?",
    appliedAt === null ? (adoptedFrom === null ? "–" : `by ${adoptedFrom}`) : ago(appliedAt, now),
    harmless(trouble ?? (file === null ? `not in ${release}` : "")),
  ]);
  return [
    bold(`${service}: ${folder} (${tool}) of ${release}`),
    dim(`runs from ${range.from ?? "any schema"} on, and knows up to ${range.to ?? "none"}`),
    ...(unreachable === null
      ? []
      : wrap(`${markOf("failed")} its database could not be asked: ${harmless(unreachable)}`, width)),
    ...table(["migration", "class", "state", "applied", ""], rows, width),
    ...problems.flatMap((problem) => wrap(`${markOf("failed")} ${harmless(problem)}`, width)),
    "",
  ];
}
