import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { LogBytes } from "../logs/log-bytes.ts";
import { PlainLog } from "../logs/log-bytes.ts";
import type { Scanned } from "./scan-job.ts";
import type { Finding, ScanText } from "./scan-text.ts";

/** A file is scanned in parts of this size, which overlap, so that nothing hides between two. */
const part = 1024 * 1024;
const overlap = 4096;
const leftOut = new Set([".git", "node_modules"]);

/** Scans the files of a folder, or only these of it; what holds a zero byte is no text, and links are not followed. */
export async function scanFiles(scan: ScanText, root: string, only: ReadonlySet<string> | null): Promise<Scanned> {
  const findings: Finding[] = [];
  let [files, bytes, binary] = [0, 0, 0];
  for await (const path of filesBelow(root, "")) {
    if (only !== null && !only.has(path)) continue;
    files += 1;
    const read = await scanBytes(scan, await PlainLog.of(await open(join(root, path), "r")), path, findings);
    if (read === null) binary += 1;
    bytes += read ?? 0;
  }
  return { findings: onceEach(findings), files, bytes, binary };
}

/** The same key at the same place once, as where two parts overlap; one that several credentials have is told of each. */
export const onceEach = (findings: readonly Finding[]): readonly Finding[] => [
  ...new Map(
    findings.map((one) => [`${one.path}:${one.line}:${one.fingerprint}:${one.credential ?? ""}`, one]),
  ).values(),
];

/** Scans a file or a log by parts, shown by a name, and closes it; gives how many bytes it had, and null where it is no text. */
export async function scanBytes(
  scan: ScanText,
  source: LogBytes,
  path: string,
  findings: Finding[],
): Promise<number | null> {
  try {
    const buffer = Buffer.alloc(part + overlap);
    let [read, linesBefore] = [0, 0];
    for (let at = 0; ; at += part) {
      const bytesRead = await source.read(buffer, buffer.length, at);
      if (bytesRead === 0) return read;
      const bytes = buffer.subarray(0, bytesRead);
      if (at === 0 && bytes.subarray(0, 8000).includes(0)) return null;
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
