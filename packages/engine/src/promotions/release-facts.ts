import { access, constants, mkdir, mkdtemp, rm } from "node:fs/promises";
import { delimiter, join } from "node:path";
import type { Loaded } from "@fairway/config";
import type { Digest, LeftOut, Project, Repository, Revision, ServiceMigrations } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { DataDirectory } from "../data-directory.ts";
import { digestOf } from "../digest.ts";

/** The configuration of a commit, read from a checkout of it and of nothing else. Throws `config_invalid`. */
export async function projectAt(repository: Repository, revision: Revision, scratch: string): Promise<Project> {
  const directory = await mkdtemp(join(scratch, "config-"));
  try {
    const checkout = join(directory, "checkout");
    await repository.checkout(revision.sha, checkout);
    // What reads configurations is loaded with the first: a daemon that starts again needs none.
    const { formatProblem, loadProject } = await import("@fairway/config");
    const loaded = await loadProject(checkout);
    return projectOf(loaded, loaded.ok ? [] : loaded.problems.map(formatProblem), revision);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** The configuration of the commit that is checked out. */
export async function projectAtHead(repository: Repository, data: DataDirectory): Promise<Project> {
  const scratch = join(data.root, "work");
  await mkdir(scratch, { recursive: true, mode: 0o700 });
  return projectAt(repository, await repository.resolve("HEAD"), scratch);
}

function projectOf(loaded: Loaded, problems: readonly string[], revision: Revision): Project {
  if (loaded.ok) return loaded.project;
  const count = problems.length;
  throw new FairwayError(
    "config_invalid",
    `the configuration at ${revision.short} has ${count} problem${count === 1 ? "" : "s"}`,
    {
      problems,
      hint: "nothing was changed; commit a correction and try again",
    },
  );
}

/** Services that need a program this machine does not have. */
export async function leftOutHere(project: Project): Promise<readonly LeftOut[]> {
  const found = await Promise.all(
    project.services.map(async (service) => ({ service, missing: await missingPrograms(service.requires) })),
  );
  return found
    .filter(({ missing }) => missing.length > 0)
    .map(({ service, missing }) => ({
      service: service.name,
      reason: `${missing.join(" and ")} not found on this machine`,
    }));
}

/** Checks that need a program this machine does not have, by `service/check`, and what is missing. */
export async function absentToolsHere(project: Project): Promise<ReadonlyMap<string, string>> {
  const found = await Promise.all(
    project.services.flatMap((service) =>
      service.checks.map(async ({ name, requires = [] }) => {
        const missing = await missingPrograms(requires);
        return [`${service.name}/${name}`, missing] as const;
      }),
    ),
  );
  return new Map(
    found
      .filter(([, missing]) => missing.length > 0)
      .map(([check, missing]) => [check, `${missing.join(" and ")} not found on this machine`]),
  );
}

async function missingPrograms(programs: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(programs.map(isOnPath));
  return programs.filter((_program, index) => !found[index]);
}

async function isOnPath(program: string): Promise<boolean> {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  const found = await Promise.all(
    folders.map((folder) =>
      access(join(folder, program), constants.X_OK).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.includes(true);
}

/** For each service the digest of all that its artifact depends on: files, commands, and what they are told. */
export async function inputsOf(
  project: Project,
  revision: Revision,
  repository: Repository,
): Promise<ReadonlyMap<string, Digest>> {
  const found = new Map<string, Digest>();
  for (const { name, path, prepare, checks, build, container, migrations } of project.services) {
    const read = migrations && {
      folder: migrations.folder,
      tool: migrations.tool,
      sql: migrations.sql,
      ...baselineOf(migrations),
    };
    const files = await repository.fingerprint(revision.sha, [path, ...build.inputs, ...(read ? [read.folder] : [])]);
    const extra = { ...(container && { container }), ...(read && { migrations: read }) };
    found.set(name, digestOf({ name, path, prepare, checks, build, files, ...extra }));
  }
  return found;
}

/** Nothing where there is none, so that such a service is the same as before there were any. */
const baselineOf = ({ baseline }: ServiceMigrations): { readonly baseline?: string } =>
  baseline === undefined ? {} : { baseline };
