import type { MigrationSet, PartMigrations, ServiceMigrations, Verdict } from "@fairway/core";
import { countsOf, keepAnnotations } from "@fairway/core";
import type { ShadowServer } from "../database/shadow-server.ts";
import { shadowServerAt } from "../database/shadow-server.ts";
import { canonicalJson } from "../digest.ts";
import { linesOf } from "../findings/lines-of.ts";
import type { Attempt, Outcome } from "../runs/stage.ts";
import type { ServiceJobInput } from "../stages/release-run.ts";
import { asJson } from "../stages/release-run.ts";
import { buildSecrets } from "../stages/service-command.ts";
import { valuesOf } from "../stages/step-command.ts";
import type { ServiceMigrationsParts } from "./service-migrations.ts";
import { serviceMigrations } from "./service-migrations.ts";

/** What trying a service's migrations needs from outside. */
export interface TryMigrationsParts extends ServiceMigrationsParts {
  /** Where the project names no server of its own. */
  readonly shadow: ShadowServer;
}

/** What the check leaves for the build, besides its verdict. */
export interface TriedMigrations {
  readonly migrations: PartMigrations;
  readonly note: string;
}

/**
 * Reads the migrations of a service at its commit, tries them on a shadow database, and keeps them with what was found out
 * about their ways back. What is wrong with them is a no, with file and line; that there is no server to try them on is a
 * throw.
 */
export async function tryMigrations(
  parts: TryMigrationsParts,
  attempt: Attempt,
  about: ServiceJobInput,
  config: ServiceMigrations,
): Promise<Outcome> {
  const read = await serviceMigrations(parts, attempt, about, config);
  if ("refused" in read) {
    const verdict = verdictOf("failed", read.findings);
    return { outcome: "failed", reason: read.refused, result: asJson(verdict) };
  }
  if (config.shadow === "none")
    return succeeded(verdictOf("passed", read.findings), { migrations: read.kept, note: read.note });
  attempt.progress("trying the migrations on a shadow database");
  const tried = await attempt.step("shadow", async () => {
    const { shadowCheckSet } = await import("@fairway/migrations");
    const before = (await parts.migrationsBefore(about.service.name)) ?? baselineOf(read.set, config);
    const server = await serverOf(parts, config);
    const { set, findings, refused, results } = await server.use((url) => shadowCheckSet(url, read.set, before));
    const digest = await parts.keepDocument(canonicalJson(set satisfies MigrationSet));
    const millis = results.flatMap(({ statements }) => statements).reduce((sum, one) => sum + one.millis, 0);
    return asJson({
      verdict: verdictOf(refused ? "failed" : "passed", [...read.findings, ...findings]),
      migrations: { ...read.kept, digest },
      note: results.length === 0 ? read.note : `${read.note}, ${results.length} tried in ${millis.toFixed(0)} ms`,
    });
  });
  const { verdict, ...left } = tried as unknown as TriedMigrations & { readonly verdict: Verdict };
  if (verdict.verdict === "passed") return succeeded(verdict, left);
  return { outcome: "failed", reason: [verdict.summary, ...linesOf(verdict)].join("\n"), result: asJson(verdict) };
}

/** What was applied everywhere before Fairway came makes the schema of the first release, and is not observed. */
function baselineOf(
  { migrations }: MigrationSet,
  { baseline }: ServiceMigrations,
): Pick<MigrationSet, "migrations"> | null {
  const last = migrations.findIndex(({ id }) => id === baseline);
  return last === -1 ? null : { migrations: migrations.slice(0, last + 1) };
}

const succeeded = (verdict: Verdict, left: TriedMigrations): Outcome => ({
  outcome: "succeeded",
  result: asJson({ ...verdict, ...left }),
  summary: left.note,
});

function verdictOf(verdict: Verdict["verdict"], found: Parameters<typeof keepAnnotations>[0]): Verdict {
  const annotations = keepAnnotations(found);
  return { verdict, summary: `PostgreSQL and its rules found ${countsOf(annotations)} in the migrations`, annotations };
}

async function serverOf({ shadow, secrets }: TryMigrationsParts, config: ServiceMigrations): Promise<ShadowServer> {
  if (config.shadow === undefined || config.shadow === "own" || config.shadow === "none") return shadow;
  const { url = "" } = await valuesOf(secrets, buildSecrets, { url: config.shadow });
  return shadowServerAt(url);
}
