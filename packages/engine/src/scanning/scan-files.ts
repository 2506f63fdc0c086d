import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Finding, ScanText } from "./scan-text.ts";

/** A file is scanned in parts of this size, which overlap, so that nothing hides between two. */
const part = 1024 * 1024;
const overlap = 4096;
const leftOut = new Set([".git", "node_modules"]);

/** Scans the files of a folder, or only these of it; what holds a zero byte is no text, and links are not followed. */
export async function scanFiles(
  scan: ScanText,
  root: string,
  only: ReadonlySet<string> | null,
): Promise<{ readonly findings: readonly Finding[]; readonly files: number; readonly bytes: number }> {
  const findings: Finding[] = [];
  let [files, bytes] = [0, 0];
  for await (const path of filesBelow(root, "")) {
    if (only !== null && !only.has(path)) continue;
    files += 1;
    bytes += await scanFile(scan, join(root, path), path, findings);
  }
  // Where two parts overlap a place is found twice.
  const once = new Map(findings.map((one) => [`${one.path}:${one.line}:${one.fingerprint}`, one]));
  return { findings: [...once.values()], files, bytes };
}

async function scanFile(scan: ScanText, file: string, path: string, findings: Finding[]): Promise<number> {
  const handle = await open(file, "r");
  try {
    const buffer = Buffer.alloc(part + overlap);
    let [read, linesBefore] = [0, 0];
    for (let at = 0; ; at += part) {
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0) return read;
      const bytes = buffer.subarray(0, bytesRead);
      if (at === 0 && bytes.subarray(0, 8000).includes(0)) return read;
      const text = bytes.toString("utf8");
      read += Math.min(bytesRead, part);
      for (const found of await scan(path, text)) findings.push({ ...found, line: found.line + linesBefore });
      if (bytesRead < buffer.length) return read;
      linesBefore += bytes.subarray(0, part).toString("latin1").split("\n").length - 1;
    }
  } finally {
    await handle.close();
  }
}

async function* filesBelow(root: string, folder: string): AsyncGenerator<string> {
  for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory() && !leftOut.has(entry.name)) yield* filesBelow(root, path);
    else if (entry.isFile()) yield path;
  }
}
