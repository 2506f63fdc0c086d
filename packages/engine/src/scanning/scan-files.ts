import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { LogBytes } from "../logs/log-bytes.ts";
import { PlainLog } from "../logs/log-bytes.ts";
import { archiveKindOf } from "./archive-kind.ts";
import type { Scanned } from "./scan-job.ts";
import { scanBinary } from "./binary-file.ts";
import type { Finding, ScanParts, ScanText } from "./scan-text.ts";

/** A file is scanned in parts of this size, which overlap, so that nothing hides between two. */
const part = 1024 * 1024;
const overlap = 4096;
const leftOut = new Set([".git", "node_modules"]);

/** What files are scanned with: texts by all rules, and others for known values alone. */
export interface FileScanner extends ScanParts {
  readonly scan: ScanText;
}

/** Scans the files of a folder; what holds a zero byte or is an archive is no text, and links are not followed. */
export async function scanFiles(scanner: FileScanner, root: string): Promise<Scanned> {
  const counted = counting(scanner);
  for await (const path of filesBelow(root, "")) {
    const file = join(root, path);
    await counted.scan(async () => PlainLog.of(await open(file, "r")), { path, file });
  }
  return counted.sum();
}

/** Scans files one after the other, and counts them. `open` answers undefined for one that is not there any more. */
export function counting(scanner: FileScanner): {
  readonly scan: (
    open: () => Promise<LogBytes | undefined>,
    what: { readonly path: string; readonly file: string | null },
  ) => Promise<void>;
  readonly sum: () => Scanned;
} {
  const findings: Finding[] = [];
  let [files, bytes, binary, unread] = [0, 0, 0, 0];
  return {
    async scan(openIt, what) {
      const source = await openIt();
      if (source === undefined) return;
      files += 1;
      const read = await scanBytes(scanner.scan, source, what.path, findings);
      bytes += read ?? 0;
      const again = read === null ? await openIt() : undefined;
      if (again === undefined) return;
      const found = await scanBinary(scanner, { ...what, source: again }, findings);
      binary += 1;
      bytes += found.bytes;
      if (found.unread) unread += 1;
    },
    sum: () => ({ findings: onceEach(findings), files, bytes, binary, unread }),
  };
}

/** The same key at the same place once, as where two parts overlap; one that several credentials have is told of each. */
export const onceEach = (findings: readonly Finding[]): readonly Finding[] => [
  ...new Map(
    findings.map((one) => [`${one.path}:${one.line}:${one.fingerprint}:${one.credential ?? ""}`, one]),
  ).values(),
];

/**
 * Scans a file or a log by parts, shown by a name, and closes it; gives how many bytes it had, and null where it is no text.
 */
async function scanBytes(scan: ScanText, source: LogBytes, path: string, findings: Finding[]): Promise<number | null> {
  try {
    const buffer = Buffer.alloc(part + overlap);
    let [read, linesBefore] = [0, 0];
    for (let at = 0; ; at += part) {
      const bytesRead = await source.read(buffer, buffer.length, at);
      if (bytesRead === 0) return read;
      const bytes = buffer.subarray(0, bytesRead);
      if (at === 0 && (bytes.subarray(0, 8000).includes(0) || archiveKindOf(bytes) !== null)) return null;
      const text = bytes.toString("utf8");
      read += Math.min(bytesRead, part);
      for (const found of await scan(path, text)) findings.push({ ...found, line: found.line + linesBefore });
      if (bytesRead < buffer.length) return read;
      linesBefore += bytes.subarray(0, part).toString("latin1").split("\n").length - 1;
    }
  } finally {
    await source.close();
  }
}

async function* filesBelow(root: string, folder: string): AsyncGenerator<string> {
  for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory() && !leftOut.has(entry.name)) yield* filesBelow(root, path);
    else if (entry.isFile()) yield path;
  }
}
