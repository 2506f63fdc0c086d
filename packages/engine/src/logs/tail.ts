import { forTerminal } from "./for-terminal.ts";
import { openLogBytes } from "./open-log-bytes.ts";

/** The last lines of a log, short and harmless enough to stand in a message; the whole is in the log. */
export async function tailOf(path: string, lines = 10, longest = 400): Promise<readonly string[]> {
  const log = await openLogBytes(path);
  if (log === undefined) return [];
  try {
    const size = await log.size();
    const wanted = Math.min(size, lines * longest * 4);
    const buffer = Buffer.alloc(wanted);
    let bytesRead = 0;
    for (let more = wanted; more > 0; bytesRead += more)
      more = await log.read(buffer.subarray(bytesRead), wanted - bytesRead, size - wanted + bytesRead);
    const text = buffer.toString("utf8", 0, bytesRead).split("\n");
    // The first piece is the end of a line when there is more before it.
    return text
      .slice(wanted < size && text.length > 1 ? 1 : 0)
      .map((line) => forTerminal(line).slice(0, longest))
      .filter((line) => line.trim() !== "")
      .slice(-lines);
  } finally {
    await log.close();
  }
}
