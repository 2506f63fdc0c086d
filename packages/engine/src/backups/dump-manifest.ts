import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Timestamp } from "@fairway/core";
import { codeOf, FairwayError } from "@fairway/core";

/** The files of one encrypted dump. */
export const dumpFiles = { dump: "dump.age", manifest: "manifest.json" } as const;

/** What was written of a dump when it was whole, and read back. */
export interface DumpManifest {
  readonly version: 1;
  readonly startedAt: Timestamp;
  readonly endedAt: Timestamp;
  readonly serverVersion: string;
  /** Host and name of the database. */
  readonly database: string;
  /** The public key that it was encrypted to. */
  readonly recipient: string;
  readonly bytes: number;
  readonly sha256: string;
}

const texts = ["startedAt", "endedAt", "serverVersion", "database", "recipient", "sha256"] as const;

function manifestOf(text: string): DumpManifest | null {
  const found = jsonOf(text) as Readonly<Record<string, unknown>> | null;
  const isOne =
    typeof found === "object" &&
    found !== null &&
    found["version"] === 1 &&
    typeof found["bytes"] === "number" &&
    texts.every((key) => typeof found[key] === "string") &&
    !Number.isNaN(Date.parse(found["endedAt"] as string));
  return isOne ? (found as unknown as DumpManifest) : null;
}

const damaged = (path: string, why: string): FairwayError =>
  new FairwayError("backup_damaged", `the backup ${path} is not whole: ${why}`);

/** Reads what was written of a dump, and looks whether its file is there and as large as it was. Throws `backup_damaged`. */
export async function readDumpManifest(path: string): Promise<DumpManifest> {
  const text = await readFile(join(path, dumpFiles.manifest), "utf8").catch((thrown: unknown) => missing(path, thrown));
  const manifest = manifestOf(text);
  if (manifest === null) throw damaged(path, `${dumpFiles.manifest} cannot be read`);
  const { size } = await stat(join(path, dumpFiles.dump)).catch((thrown: unknown) => missing(path, thrown));
  if (size !== manifest.bytes) throw damaged(path, `it has ${size} bytes, and was written with ${manifest.bytes}`);
  return manifest;
}

function missing(path: string, thrown: unknown): never {
  if ((thrown as NodeJS.ErrnoException).code === "ENOENT") throw damaged(path, "a file of it is missing");
  throw thrown;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return null;
    throw thrown;
  }
}

/** The same; null where it is not whole, so that nothing damaged passes for a backup. */
export async function wholeDump(path: string): Promise<DumpManifest | null> {
  try {
    return await readDumpManifest(path);
  } catch (thrown) {
    if (codeOf(thrown) === "backup_damaged") return null;
    throw thrown;
  }
}

/** Reads every byte of the dump, and throws `backup_damaged` where they are not those that were written. */
export async function holdAgainst(path: string, { sha256 }: Pick<DumpManifest, "sha256">): Promise<void> {
  if ((await digestOfDump(path)) !== sha256) throw damaged(path, "its bytes have changed");
}

/** Of every byte of the dump. */
export async function digestOfDump(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(join(path, dumpFiles.dump))) hash.update(chunk as Buffer);
  return hash.digest("hex");
}
