import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import picomatch from "picomatch";
import { unpack } from "../archives/unpack.ts";
import { textOfJson } from "../expressions/evaluate.ts";
import type { BuiltInAction, BuiltInRun } from "./built-in.ts";
import { findFiles } from "./find-files.ts";
import { ResultsClient } from "./results-client.ts";
import { zipFiles } from "./zip-files.ts";

/** `actions/upload-artifact`: keeps files of a job under a name for the rest of the run, and for people. */
export const uploadArtifact: BuiltInAction = {
  name: "actions/upload-artifact",
  inputs: {
    name: "artifact",
    path: "",
    "if-no-files-found": "warn",
    "retention-days": "",
    "compression-level": "6",
    overwrite: "false",
    "include-hidden-files": "false",
    archive: "true",
  },
  async main(run) {
    const name = run.input("name");
    if (name === "" || /["<>|*?:\r\n\\/]/.test(name)) throw new TypeError(`The artifact name is not valid: ${name}.`);
    const { workspace, home, temp } = run.host.folders;
    const hidden = run.flag("include-hidden-files");
    const { root, files } = await findFiles(required(run, "path"), { workspace, home, hidden });
    if (files.length === 0) return noFiles(run);
    const client = clientOf(run);
    const archive = join(temp, `artifact-${process.pid}.zip`);
    try {
      await zipFiles(root, files, archive, Number(run.input("compression-level")));
      const digest = await digestOf(archive);
      const { size } = await stat(archive);
      const id = await upload(run, client, { name, archive, digest, size });
      run.setOutput("artifact-id", id);
      run.setOutput("artifact-digest", digest);
      run.info(
        `Artifact ${name} has been successfully uploaded: ${files.length} files, ${size} bytes, SHA-256 ${digest}`,
      );
    } finally {
      await rm(archive, { force: true });
    }
  },
};

/** `actions/download-artifact`: files that a job of the same run has kept. */
export const downloadArtifact: BuiltInAction = {
  name: "actions/download-artifact",
  inputs: {
    name: "",
    "artifact-ids": "",
    path: "",
    pattern: "",
    "merge-multiple": "false",
    "github-token": "",
    repository: "",
    "run-id": "",
    "skip-decompress": "false",
    "digest-mismatch": "error",
  },
  async main(run) {
    const client = clientOf(run);
    const folder = resolve(run.host.folders.workspace, run.input("path"));
    const wanted = await wantedArtifacts(run, client);
    const apart = run.input("name") === "" && !run.flag("merge-multiple");
    for (const { name, digest } of wanted) {
      const into = apart ? join(folder, name) : folder;
      await mkdir(into, { recursive: true });
      await download(run, client, name, digest, into);
      run.info(`Artifact ${name} is in ${into}`);
    }
    run.setOutput("download-path", folder);
  },
};

interface Upload {
  readonly name: string;
  readonly archive: string;
  readonly digest: string;
  readonly size: number;
}

async function upload(
  run: BuiltInRun,
  client: ResultsClient,
  { name, archive, digest, size }: Upload,
): Promise<string> {
  const own = { ...client.run, name };
  if (run.flag("overwrite")) await client.call("ArtifactService", "DeleteArtifact", own);
  const created = await client.call("ArtifactService", "CreateArtifact", {
    ...own,
    version: 7,
    mime_type: "application/zip",
  });
  if ("refused" in created) {
    // A step that was interrupted after its upload finds its own work.
    const before = await listed(client, name);
    if (before.some((one) => one.digest === `sha256:${digest}`)) return before[0]?.id ?? "";
    throw new TypeError(`Failed to CreateArtifact: ${created.refused}. Use another name, or \`overwrite: true\`.`);
  }
  await client.upload(String(created.value["signed_upload_url"]), archive);
  const hash = `sha256:${digest}`;
  const kept = await client.call("ArtifactService", "FinalizeArtifact", { ...own, size: String(size), hash });
  if ("refused" in kept) throw new TypeError(`Failed to FinalizeArtifact: ${kept.refused}`);
  return String(kept.value["artifact_id"]);
}

interface Listed {
  readonly name: string;
  readonly id: string;
  readonly digest: string;
}

async function listed(client: ResultsClient, name?: string): Promise<readonly Listed[]> {
  const filter = name === undefined ? {} : { name_filter: name };
  const answer = await client.call("ArtifactService", "ListArtifacts", { ...client.run, ...filter });
  if ("refused" in answer) throw new TypeError(`Failed to ListArtifacts: ${answer.refused}`);
  const artifacts = (answer.value["artifacts"] ?? []) as readonly Readonly<Record<string, unknown>>[];
  return artifacts.map((one) => ({
    name: String(one["name"]),
    id: String(one["database_id"]),
    digest: typeof one["digest"] === "string" ? one["digest"] : "",
  }));
}

async function wantedArtifacts(run: BuiltInRun, client: ResultsClient): Promise<readonly Listed[]> {
  if (run.input("run-id") !== "" && run.input("run-id") !== textOfJson(run.github["run_id"] ?? "")) {
    throw new TypeError("Artifacts of other runs cannot be had here.");
  }
  const name = run.input("name");
  const all = await listed(client, name === "" ? undefined : name);
  if (name !== "" && all.length === 0)
    throw new TypeError(`Unable to download artifact(s): Artifact not found for name: ${name}`);
  const ids = run
    .input("artifact-ids")
    .split(",")
    .map((id) => id.trim())
    .filter((id) => id !== "");
  const pattern = run.input("pattern");
  const matches = pattern === "" ? (): boolean => true : picomatch(pattern);
  return all.filter((one) => matches(one.name) && (ids.length === 0 || ids.includes(one.id)));
}

async function download(
  run: BuiltInRun,
  client: ResultsClient,
  name: string,
  digest: string,
  into: string,
): Promise<void> {
  const answer = await client.call("ArtifactService", "GetSignedArtifactURL", { ...client.run, name });
  if ("refused" in answer) throw new TypeError(`Unable to download artifact(s): ${name}: ${answer.refused}`);
  const archive = join(run.host.folders.temp, `artifact-${process.pid}.zip`);
  try {
    await client.download(String(answer.value["signed_url"]), archive);
    const found = `sha256:${await digestOf(archive)}`;
    if (digest !== "" && digest !== found)
      throw new TypeError(
        `The bytes of the artifact ${name} are not those that were kept: ${digest} was expected, ${found} came.`,
      );
    const { refused } = await unpack({ archive, format: "zip", base: into, staging: run.host.folders.temp });
    if (refused !== undefined) throw new TypeError(`The artifact ${name} is not unpacked: ${refused}.`);
  } finally {
    await rm(archive, { force: true });
  }
}

function noFiles(run: BuiltInRun): void {
  const message = `No files were found with the provided path: ${run.input("path")}. No artifacts will be uploaded.`;
  switch (run.input("if-no-files-found")) {
    case "error":
      return run.fail(message);
    case "ignore":
      return run.info(message);
    default:
      return run.warning(message);
  }
}

function clientOf(run: BuiltInRun): ResultsClient {
  const client = ResultsClient.for(run.services, run.signal);
  if (client === undefined) throw new TypeError("There is no server for artifacts here.");
  return client;
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}

function required(run: BuiltInRun, name: string): string {
  const value = run.input(name);
  if (value === "") throw new TypeError(`Input required and not supplied: ${name}`);
  return value;
}
