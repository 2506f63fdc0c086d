import { cp, mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { PlannedBoot, Release } from "@fairway/core";
import { environmentOf } from "@fairway/core";
import { artifactDirectory } from "../artifacts/store-artifact.ts";
import { verifyArtifact } from "../artifacts/verify-artifact.ts";
import type { IsolatedServer } from "../database/isolated-server.ts";
import { bootProgram } from "./boot-program.ts";
import type { DrillFinding } from "./drill-parts.ts";

/** What a program of a release is started with on a copy. */
export interface BootReleaseParts {
  /** Where it runs: what is written of its variables there it is told, but no secret that is not named for the copy. */
  readonly environment: string;
  /** What production runs; null where that is nothing. */
  readonly current: () => Promise<Release | null>;
  /** The store of artifacts. */
  readonly artifacts: string;
  readonly secrets: (names: readonly string[]) => Promise<Readonly<Record<string, string>>>;
  /** Where a release's files are restored from before they are looked at; left out where the store has them. */
  readonly archived?: (release: Release, into: string) => Promise<string>;
}

/**
 * Starts what production runs, from its files as they were stored or archived and after every byte of them was held against
 * their digest, beside the server on the copy, and asks whether it is well.
 */
export async function bootRelease(
  { service, path, port, within, secrets }: PlannedBoot,
  parts: BootReleaseParts,
  server: IsolatedServer,
  place: string,
): Promise<DrillFinding> {
  const release = await parts.current();
  if (release === null) return { outcome: "left-out", why: "nothing was deployed there yet, so there is no program" };
  const part = release.parts.find((one) => one.service === service);
  const run = release.project.services.find((one) => one.name === service)?.run ?? null;
  if (part === undefined || run === null)
    return { outcome: "failed", why: `${release.id} has no service ${service} that runs` };
  if (part.image !== undefined)
    return { outcome: "left-out", why: `${service} is an image, which needs a container engine beside the copy` };
  const store = parts.archived === undefined ? parts.artifacts : await parts.archived(release, join(place, "archive"));
  await verifyArtifact(part.artifact, store);
  const directory = join(place, "program");
  await mkdir(directory, { mode: 0o755 });
  await cp(artifactDirectory(part.artifact, store), directory, { recursive: true, verbatimSymlinks: true });
  const values = await parts.secrets(Object.values(secrets));
  const env = Object.fromEntries(Object.entries(secrets).map(([name, of]) => [name, values[of] ?? ""]));
  const placed = environmentOf(release.project, parts.environment)?.placements.find((one) => one.service === service);
  const written = Object.entries(placed?.env ?? {}).filter(
    (one): one is [string, string] => typeof one[1] === "string" && one[0] !== "DATABASE_URL",
  );
  const found = await bootProgram(
    {
      ...{ command: run, directory, within, database: server.connection.database },
      health: `http://127.0.0.1:${port}${path}`,
      env: { ...Object.fromEntries(written), ...env, PORT: String(port), HOST: "127.0.0.1" },
      hidden: Object.values(env),
    },
    server,
  );
  const facts = { release: release.id, artifact: part.artifact };
  return { ...found, why: `${service} of ${release.id}: ${found.why}`, facts: { ...found.facts, ...facts } };
}
