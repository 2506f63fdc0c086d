// A thread of its own: what it looks at for long keeps nobody waiting, and what it looks at for too long is ended from outside.

import { createHmac } from "node:crypto";
import { open } from "node:fs/promises";
import { parentPort, workerData } from "node:worker_threads";
import { PlainLog } from "../logs/log-bytes.ts";
import { openLogBytes } from "../logs/open-log-bytes.ts";
import { cleanLines } from "./clean-lines.ts";
import { knownValues } from "./known-values.ts";
import { patchTexts } from "./patch-texts.ts";
import type { FileScanner } from "./scan-files.ts";
import { counting, onceEach, scanFiles } from "./scan-files.ts";
import type { CleanedLines, ScanJob, Scanned, ScanKnowledge, ShownFile } from "./scan-job.ts";
import type { Finding, ScanText } from "./scan-text.ts";
import { openScanner } from "./scan-text.ts";

const { values, naming } = workerData as ScanKnowledge;
const known = knownValues(values);
const nameOf = (value: string): string => createHmac("sha256", naming).update(value).digest("hex").slice(0, 32);
let opened: Promise<ScanText> | undefined;
const scanner = (): Promise<ScanText> => (opened ??= openScanner({ known, nameOf }));
const fileScanner = async (): Promise<FileScanner> => ({ known, nameOf, scan: await scanner() });

async function answerTo(job: ScanJob): Promise<Scanned | CleanedLines> {
  switch (job.kind) {
    case "tree":
      return scanFiles(await fileScanner(), job.root);
    case "files":
      return scanEach(await fileScanner(), job.files);
    case "patches":
      return scanPatches(await fileScanner(), job);
    case "lines":
      return cleanLines(job.lines, { known, nameOf });
  }
}

async function scanEach(scanner: FileScanner, files: readonly ShownFile[]): Promise<Scanned> {
  const counted = counting(scanner);
  // Also as it is after its compression; what was removed meanwhile stands nowhere any more.
  for (const { shown, file } of files) await counted.scan(() => openLogBytes(file), { path: shown, file: null });
  return counted.sum();
}

async function scanPatches(scanner: FileScanner, job: Extract<ScanJob, { kind: "patches" }>): Promise<Scanned> {
  const counted = counting(scanner);
  for (const { shown, file } of job.files ?? [])
    await counted.scan(async () => PlainLog.of(await open(file, "r")), { path: shown, file });
  const sum = counted.sum();
  const findings: Finding[] = [...sum.findings];
  let { files, bytes } = sum;
  for (const { commit, path, text, lines } of patchTexts(job.text)) {
    files += 1;
    bytes += text.length;
    const shown = `${commit.slice(0, 12)}:${path}`;
    for (const found of await scanner.scan(shown, text))
      findings.push({ ...found, line: lines[found.line - 1] ?? found.line });
  }
  return { ...sum, findings: onceEach(findings), files, bytes };
}

parentPort?.on("message", ({ id, job }: { readonly id: number; readonly job: ScanJob }) => {
  answerTo(job).then(
    (answer) => parentPort?.postMessage({ id, answer }),
    (thrown: unknown) =>
      parentPort?.postMessage({ id, failed: thrown instanceof Error ? thrown.message : String(thrown) }),
  );
});
