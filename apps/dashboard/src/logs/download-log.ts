import { client } from "../api/client.ts";
import { wordsOf } from "../text/sgr.ts";
import type { LogSource } from "./log-source.ts";
import { fileNameOf } from "./log-source.ts";

const partBytes = 4 * 1024 * 1024;

/** Gives a whole log to the browser as a file of plain text, part by part. */
export async function downloadLog(source: LogSource): Promise<void> {
  const parts: string[] = [];
  for (let offset = 0; ;) {
    const { lines, next, size } = await client.call("logWindow", {
      ...source,
      offset,
      lines: 10_000,
      bytes: partBytes,
    });
    parts.push(lines.map(({ text }) => `${wordsOf(text)}\n`).join(""));
    if (lines.length === 0 || next >= size) break;
    offset = next;
  }
  const address = URL.createObjectURL(new Blob(parts, { type: "text/plain;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = fileNameOf(source);
  link.click();
  URL.revokeObjectURL(address);
}
