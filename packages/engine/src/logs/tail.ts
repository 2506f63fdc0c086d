import { open } from "node:fs/promises";
import { forTerminal } from "./for-terminal.ts";

/** The last lines of a log, short and harmless enough to stand in a message; the whole is in the log. */
export async function tailOf(log: string, lines = 10, longest = 400): Promise<readonly string[]> {
  const file = await open(log, "r").catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === "ENOENT") return undefined;
    throw thrown;
  });
  if (file === undefined) return [];
  try {
    const { size } = await file.stat();
    const wanted = Math.min(size, lines * longest * 4);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(wanted), 0, wanted, size - wanted);
    const text = buffer.toString("utf8", 0, bytesRead).split("\n");
    // The first piece is the end of a line when there is more before it.
    return text
      .slice(wanted < size && text.length > 1 ? 1 : 0)
      .map((line) => forTerminal(line).slice(0, longest))
      .filter((line) => line.trim() !== "")
      .slice(-lines);
  } finally {
    await file.close();
  }
}
