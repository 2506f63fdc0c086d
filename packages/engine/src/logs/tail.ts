import { forTerminal } from "./for-terminal.ts";
import { openLogBytes } from "./open-log-bytes.ts";

/**
 * What a log says at its end, short and harmless enough to stand in a message; the whole is in the log. Where the last
 * lines say nothing of what went wrong – npm ends with how it is used – the first that do stand above them.
 */
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
    const whole = text
      .slice(wanted < size && text.length > 1 ? 1 : 0)
      .map((line) => forTerminal(line).slice(0, longest))
      .filter((line) => line.trim() !== "");
    return excerptOf(whole, lines);
  } finally {
    await log.close();
  }
}

/** A line that tells what went wrong, and has more to say than that something did. */
const telling = /\b(?:error|errors|failed|fatal|cannot|could not|not found|panic|exception)\b.*[a-z0-9]/i;
/** What npm puts in front of every line, also of the empty ones. */
const prefixAlone = /^\s*(?:npm|pnpm|yarn)\s+(?:error|ERR!)\s*$/i;

/** The last lines; above them those that tell, where the last ones do not reach back to the first of those. */
export function excerptOf(all: readonly string[], most: number): readonly string[] {
  const lines = all.filter((line) => !prefixAlone.test(line));
  const first = lines.findIndex((line) => telling.test(line));
  if (first === -1 || first >= lines.length - most) return lines.slice(-most);
  const above = Math.ceil((most - 1) / 2);
  const below = most - 1 - above;
  const left = lines.length - first - above - below;
  return left <= 1
    ? lines.slice(first, first + most)
    : [...lines.slice(first, first + above), `… ${left} more lines …`, ...lines.slice(lines.length - below)];
}
