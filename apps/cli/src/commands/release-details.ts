import { writeFile } from "node:fs/promises";
import { FairwayError } from "@fairway/core";
import type { ReleaseDiffShape, ReleaseShape } from "@fairway/api";
import type { GlobalOptions } from "../context.ts";
import { daemonClient } from "../context.ts";
import { bold, harmless, markOf, print, printJson } from "../output/terminal.ts";
import { table } from "../output/table.ts";
import { ago } from "../output/times.ts";

/** `fairway release show`. */
export async function showRelease([release = ""]: readonly string[], options: GlobalOptions): Promise<void> {
  const client = await daemonClient(options);
  const found = await client.call("release", { release });
  if (options.json) return printJson(found);
  for (const line of releaseLines(found)) print(line);
}

function releaseLines(found: ReleaseShape): readonly string[] {
  const { revision, parts, leftOut } = found;
  const rows = parts.map((part) => [
    part.service,
    part.image === null ? "files" : harmless(part.image),
    shortDigest(part.artifact),
    part.takenFrom === null ? "built for it" : `as built for ${part.takenFrom}`,
    part.sbom === null ? "–" : "yes",
  ]);
  return [
    `${bold(found.id)} ${found.digest}`,
    `commit    ${revision.short} ${harmless(revision.subject)}`,
    `made      ${ago(found.createdAt, Date.now())}`,
    `verified  ${found.verifiedIn.join(", ") || "nowhere"}`,
    `flags     ${found.flags === null ? "none" : shortDigest(found.flags)}`,
    `runs in   ${found.runningIn.join(", ") || "nothing"}`,
    ...(found.quarantine === null
      ? []
      : [`barred    in quarantine by ${harmless(found.quarantine.by)}: ${harmless(found.quarantine.reason)}`]),
    "",
    ...table(["service", "artifact", "digest", "where from", "sbom"], rows),
    ...parts.flatMap(({ service, migrations }) =>
      migrations === null
        ? []
        : [
            `${service} has ${migrations.count} migrations, and runs on schemas from ${harmless(migrations.from ?? "any")} on; it knows up to ${harmless(migrations.to ?? "none")}`,
          ],
    ),
    ...leftOut.map(({ service, reason }) => `left out: ${service}: ${harmless(reason)}`),
  ];
}

/** `fairway release diff`: what differs from one release to a later one. */
export async function diffRelease([from = "", to = ""]: readonly string[], options: GlobalOptions): Promise<void> {
  const client = await daemonClient(options);
  const found = await client.call("releaseDiff", { release: to, from });
  if (options.json) return printJson(found);
  for (const line of diffLines(found)) print(line);
}

function diffLines(found: ReleaseDiffShape): readonly string[] {
  const rows = found.services.map(({ service, change, from, to }) => [
    service,
    change,
    [from, to].map((digest) => (digest === null ? "–" : shortDigest(digest))).join(" → "),
  ]);
  const commits = found.commits.map(
    ({ short, subject, author }) => `  ${short} ${harmless(subject)} (${harmless(author)})`,
  );
  const settings = found.settings.map(({ key, from, to }) => `  ${key}: ${valueOf(from)} → ${valueOf(to)}`);
  return [
    `${bold(`${found.from} → ${found.to}`)}`,
    "",
    ...table(["service", "change", "artifact"], rows),
    ...section("Commits:", found.note === null ? commits : [`  ${harmless(found.note)}`]),
    ...section("Settings:", settings),
    ...section(
      "Feature flags:",
      found.flags.map(({ environment, key, change }) => `  ${environment}/${key} ${change}`),
    ),
    ...section(
      "Secrets with another value:",
      found.secrets.map((name) => `  ${name}`),
    ),
  ];
}

const section = (heading: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ["", bold(heading), ...lines];

const valueOf = (value: unknown): string => (value === undefined ? "–" : harmless(JSON.stringify(value)));

/** `fairway release verify`: exit code 1 when it is not what was signed. */
export async function verifyRelease([release = ""]: readonly string[], options: GlobalOptions): Promise<number> {
  const client = await daemonClient(options);
  const found = await client.call("releaseVerification", { release });
  if (options.json) printJson(found);
  else {
    for (const { what, ok, detail, note } of found.findings)
      print(`${markOf(!ok ? "failed" : note === true ? "waiting" : "succeeded")} ${what}: ${harmless(detail)}`);
    print(found.ok ? `${release} is what was signed` : `${release} is NOT what was signed, and will not be deployed`);
  }
  return found.ok ? 0 : 1;
}

interface ToFile extends GlobalOptions {
  readonly output?: string;
}

/** `fairway release sbom`: the CycloneDX document, as it is. */
export async function releaseSbom([release = "", service = ""]: readonly string[], options: ToFile): Promise<void> {
  const client = await daemonClient(options);
  await give(await client.call("releaseSbom", { release, service }), options);
}

interface ProvenanceOptions extends ToFile {
  readonly sigstore?: boolean;
}

/** `fairway release provenance`: the signed envelope, or the Sigstore bundle, as it is. */
export async function releaseProvenance([release = ""]: readonly string[], options: ProvenanceOptions): Promise<void> {
  const client = await daemonClient(options);
  const operation = options.sigstore === true ? "releaseBundle" : "releaseProvenance";
  await give(await client.call(operation, { release }), options);
}

/** `fairway release keys`: what releases are and were signed with. */
export async function signingKeys(_args: readonly string[], options: GlobalOptions): Promise<void> {
  const client = await daemonClient(options);
  const found = await client.call("signingKeys", {});
  if (options.json) return printJson(found);
  for (const { id, publicKey, current } of found)
    print(`${bold(id)}${current ? " (signs now)" : ""}\n${publicKey.trimEnd()}`);
}

async function give(document: unknown, { output, json }: ToFile): Promise<void> {
  if (output === undefined) return printJson(document);
  // An existing file may be somebody's.
  await writeFile(output, `${JSON.stringify(document, null, 2)}\n`, { flag: "wx" }).catch(
    (thrown: NodeJS.ErrnoException) => {
      throw new FairwayError("bad_request", `could not write ${output}: ${thrown.message}`, {
        hint: thrown.code === "EEXIST" ? "name a file that is not there yet" : undefined,
        cause: thrown,
      });
    },
  );
  if (json) printJson({ output });
  else print(`wrote ${output}`);
}

const shortDigest = (digest: string): string => digest.slice(0, "sha256:".length + 12);
