import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { FairwayError, messageOf } from "@fairway/core";
import { signedHead } from "../audit/audit-head.ts";
import { isEnvelope, open } from "../provenance/envelope.ts";
import { keysByName } from "../provenance/signing-key.ts";
import type { SealedQuarter, WrittenSeal } from "./quarter-seal.ts";
import { sealType } from "./quarter-seal.ts";

/** Whether the summary of a quarter is what was signed. */
export interface SealFinding {
  readonly whole: boolean;
  readonly quarter: string | null;
  readonly signedBy: string | null;
  /** Of the summary, those that lie beside the seal and were compared. */
  readonly files: readonly string[];
  readonly problems: readonly string[];
  readonly notes: readonly string[];
}

/**
 * Verifies the seal of a quarter and the files that lie beside it, without a daemon, a database or a network. `key`: a public
 * key in PEM, which alone is trusted. Throws `bad_request` for what is no seal.
 */
export async function verifySeal(path: string, key: string | null): Promise<SealFinding> {
  const written = await sealIn(path);
  let keys: ReturnType<typeof keysByName>;
  let known: typeof keys;
  try {
    [keys, known] = [keysByName(key === null ? written.keys : [key]), keysByName(written.keys)];
  } catch (thrown) {
    throw noSeal(path, `a key of it is none: ${messageOf(thrown)}`);
  }
  const notes =
    key === null
      ? [`the seal brought its keys itself: compare ${[...keys.keys()].join(", ")} with what you know, or give --key`]
      : [];
  const opened = open(written.envelope, sealType, keys);
  if (!opened.ok)
    return { whole: false, quarter: null, signedBy: null, files: [], problems: [`the seal: ${opened.reason}`], notes };
  const sealed = JSON.parse(opened.payload.toString("utf8")) as SealedQuarter;
  const { head, end } = sealed;
  const problems: string[] = [];
  if (head !== null && !signedHead(head, new Map([...known, ...keys])))
    problems.push(`the head of ${head.at} is not signed by a key that is known`);
  if (head !== null && end !== null && head.number === end.number && head.hash !== end.hash)
    problems.push(`the head of ${head.at} vouches for another row ${end.number}`);
  if (head === null && end !== null) notes.push(`no signed head vouched for row ${end.number} yet when it was sealed`);
  const compared: string[] = [];
  for (const [name, { sha256 }] of Object.entries(sealed.files)) {
    // Whoever has made a seal with a key of their own has nothing read but what lies beside it.
    if (name !== basename(name)) {
      problems.push(`${JSON.stringify(name)} is no name of a file beside it`);
      continue;
    }
    const file = join(dirname(path), name);
    if (!existsSync(file)) {
      notes.push(`${name} is not beside the seal, and was not compared`);
      continue;
    }
    compared.push(name);
    if ((await digestOf(file)) !== sha256) problems.push(`${name} is not what was signed`);
  }
  if (compared.length === 0) problems.push("no file of the summary is beside the seal");
  const [whole, { quarter }, { signedBy }] = [problems.length === 0, sealed, opened];
  return { whole, quarter, signedBy, files: compared, problems, notes };
}

async function sealIn(path: string): Promise<WrittenSeal> {
  let found: unknown;
  try {
    found = JSON.parse(await readFile(path, "utf8"));
  } catch (thrown) {
    throw noSeal(path, messageOf(thrown));
  }
  const { envelope, keys } = (found ?? {}) as Partial<WrittenSeal>;
  if (!isEnvelope(envelope) || !Array.isArray(keys)) throw noSeal(path, "it has no envelope or no keys");
  return found as WrittenSeal;
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

const noSeal = (path: string, why: string): FairwayError =>
  new FairwayError("bad_request", `${path} is no seal of a quarter: ${why}`, {
    hint: "make one with: fairway evidence quarter 2026-Q4 --sealed <folder>",
  });
