import type { KeyObject } from "node:crypto";
import { createHash, verify } from "node:crypto";
import { buffer } from "node:stream/consumers";
import { promisify } from "node:util";
import { FairwayError, messageOf } from "@fairway/core";
import type { Entry, ZipFile } from "yauzl";
import { open as openZip } from "yauzl";
import { hashOfEntry, signedText } from "../audit/audit-hash.ts";
import { headsFrom, signedHead } from "../audit/audit-head.ts";
import type { Envelope } from "../provenance/envelope.ts";
import { isEnvelope, open } from "../provenance/envelope.ts";
import { keysByName } from "../provenance/signing-key.ts";
import type { BundleManifest, ProvenRow } from "./release-bundle.ts";
import { bundleType } from "./release-bundle.ts";

/** Whether a bundle is what was signed. */
export interface BundleFinding {
  readonly whole: boolean;
  readonly release: string | null;
  /** The key that signed it. */
  readonly signedBy: string | null;
  readonly rows: number;
  /** Every fault, one a line; none in one that is whole. */
  readonly problems: readonly string[];
  /** What is worth knowing although nothing is wrong. */
  readonly notes: readonly string[];
}

const [manifestName, largest] = ["manifest.json", 512 * 1024 ** 2];

/**
 * Verifies a bundle without a daemon, a database or a network. `key`: a public key in PEM, which alone is trusted. Throws
 * `bad_request` for what is no bundle.
 */
export async function verifyBundle(path: string, key: string | null): Promise<BundleFinding> {
  const { files, doubled } = await contentsOf(path);
  const problems: string[] = doubled.map((name) => `${name} is in it twice`);
  const envelope = envelopeIn(path, files.get(manifestName));
  const brought = keysIn(path, files.get("keys.json"));
  const keys = keysOf(path, key === null ? brought : [key]);
  const opened = open(envelope, bundleType, keys);
  const finding = { release: null, signedBy: null, rows: 0, notes: trustIn(keys, key) };
  if (!opened.ok) return { ...finding, whole: false, problems: [...problems, `the manifest: ${opened.reason}`] };
  const manifest = jsonOf<BundleManifest>(path, manifestName, opened.payload);
  problems.push(...filesThatDiffer(manifest, files));
  const rows = (files.get("evidence.jsonl")?.toString("utf8") ?? "").split("\n").filter((line) => line !== "");
  // Rows that an older key has signed are known by what the manifest vouches for.
  const known = new Map([...keysOf(path, brought), ...keys]);
  const hashes = new Map<number, string>();
  for (const [index, line] of rows.entries()) {
    const row = rowIn(line);
    if (row !== null) hashes.set(row.number, row.hash);
    const fault = row === null ? `line ${index + 1} of evidence.jsonl is no row of the record` : faultOf(row, known);
    if (fault !== null) problems.push(fault);
  }
  problems.push(...headFaults(files.get("heads.jsonl")?.toString("utf8") ?? "", hashes, known));
  return {
    ...finding,
    whole: problems.length === 0,
    release: manifest.release,
    signedBy: opened.signedBy,
    rows: rows.length,
    problems,
  };
}

function headFaults(
  text: string,
  hashes: ReadonlyMap<number, string>,
  keys: ReadonlyMap<string, KeyObject>,
): readonly string[] {
  let heads: ReturnType<typeof headsFrom>;
  try {
    heads = headsFrom(text, "heads.jsonl");
  } catch (thrown) {
    return [messageOf(thrown)];
  }
  return heads.flatMap((head) => {
    if (!signedHead(head, keys)) return [`the head of ${head.at} is not signed by a key that is known`];
    return hashes.get(head.number) === head.hash
      ? []
      : [`the head of ${head.at} vouches for another row ${head.number}`];
  });
}

const isText = (value: unknown): value is string => typeof value === "string";

/** Null for what is none: somebody has written over it. */
function rowIn(line: string): ProvenRow | null {
  let found: unknown;
  try {
    found = JSON.parse(line);
  } catch {
    return null;
  }
  const isLink = (link: unknown): boolean => {
    const { hash, signedBy, signature } = (link ?? {}) as Partial<ProvenRow>;
    return isText(hash) && [signedBy, signature].every((one) => one === null || isText(one));
  };
  const { number, entry, before } = (found ?? {}) as Partial<ProvenRow>;
  return Number.isSafeInteger(number) && isText(entry) && isLink(found) && isLink(before) ? (found as ProvenRow) : null;
}

function envelopeIn(path: string, content: Buffer | undefined): Envelope {
  const found = jsonOf<unknown>(path, manifestName, content);
  if (!isEnvelope(found)) throw noBundle(path, `${manifestName} is no envelope`);
  return found;
}

/** In PEM. */
function keysIn(path: string, content: Buffer | undefined): readonly string[] {
  const found = jsonOf<unknown>(path, "keys.json", content);
  if (!Array.isArray(found)) throw noBundle(path, "keys.json is no list");
  return found.map((one: unknown) => {
    const { publicKey } = (one ?? {}) as { readonly publicKey?: unknown };
    if (!isText(publicKey)) throw noBundle(path, "a key of it is none");
    return publicKey;
  });
}

function filesThatDiffer({ files }: BundleManifest, found: ReadonlyMap<string, Buffer>): readonly string[] {
  const strange = [...found.keys()].filter((name) => name !== manifestName && !Object.hasOwn(files, name));
  return [
    ...strange.map((name) => `${name} is not in the manifest`),
    ...Object.entries(files).flatMap(([name, { sha256, bytes }]) => {
      const content = found.get(name);
      if (content === undefined) return [`${name} is missing`];
      const digest = createHash("sha256").update(content).digest("hex");
      return content.length === bytes && digest === sha256 ? [] : [`${name} is not what was signed`];
    }),
  ];
}

function faultOf(
  { number, entry, hash, signedBy, signature, before }: ProvenRow,
  keys: ReadonlyMap<string, KeyObject>,
): string | null {
  if (hashOfEntry(before, entry) !== hash) return `row ${number} is not what was hashed`;
  if (signedBy === null || signature === null) return null;
  const key = keys.get(signedBy);
  if (key === undefined) return `row ${number} is signed by ${signedBy}, a key that is not known`;
  return verify(null, signedText(hash), key, Buffer.from(signature, "base64"))
    ? null
    : `the signature of row ${number} is that of another text`;
}

const trustIn = (keys: ReadonlyMap<string, KeyObject>, key: string | null): readonly string[] =>
  key === null
    ? [`the bundle brought its keys itself: compare ${[...keys.keys()].join(", ")} with what you know, or give --key`]
    : [];

function keysOf(path: string, pems: readonly string[]): ReadonlyMap<string, KeyObject> {
  try {
    return keysByName(pems);
  } catch (thrown) {
    throw noBundle(path, `a key of it is none: ${messageOf(thrown)}`);
  }
}

async function contentsOf(
  path: string,
): Promise<{ readonly files: Map<string, Buffer>; readonly doubled: readonly string[] }> {
  const [files, doubled] = [new Map<string, Buffer>(), [] as string[]];
  try {
    const options = { lazyEntries: true, strictFileNames: true } as const;
    const zip = await promisify<string, typeof options, ZipFile>(openZip)(path, options);
    let total = 0;
    const take = async (entry: Entry): Promise<void> => {
      total += entry.uncompressedSize;
      if (total > largest) throw new Error("it is too large");
      if (files.has(entry.fileName)) doubled.push(entry.fileName);
      const stream = await promisify<Entry, NodeJS.ReadableStream>(zip.openReadStream.bind(zip) as never)(entry);
      files.set(entry.fileName, await buffer(stream));
    };
    try {
      await new Promise<void>((resolve, reject) => {
        zip.on("entry", (entry: Entry) => void take(entry).then(() => zip.readEntry(), reject));
        zip.once("end", resolve);
        zip.once("error", reject);
        zip.readEntry();
      });
    } finally {
      zip.close();
    }
  } catch (thrown) {
    throw noBundle(path, messageOf(thrown));
  }
  return { files, doubled };
}

function jsonOf<Value>(path: string, name: string, content: Buffer | undefined): Value {
  if (content === undefined) throw noBundle(path, `${name} is missing`);
  try {
    return JSON.parse(content.toString("utf8")) as Value;
  } catch (thrown) {
    throw noBundle(path, `${name}: ${messageOf(thrown)}`);
  }
}

const noBundle = (path: string, why: string): FairwayError =>
  new FairwayError("bad_request", `${path} is no bundle of a release: ${why}`, {
    hint: "make one with: fairway evidence export <release>",
  });
