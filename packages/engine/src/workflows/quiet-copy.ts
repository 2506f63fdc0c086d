import { open } from "node:fs/promises";
import type { OutputCopy } from "../commands/run-command.ts";

/** What is kept of a command that writes into no log. */
const mostBytes = 1024 * 1024;

/** Takes the output of a command that writes into no log, up to a limit. */
export class QuietCopy {
  #text = "";

  of(raw: string): OutputCopy {
    const nothing = async (): Promise<void> => {};
    return {
      pump: async () => false,
      withhold: nothing,
      seal: nothing,
      close: nothing,
      finish: async () => {
        const file = await open(raw, "r");
        try {
          const { buffer, bytesRead } = await file.read(Buffer.alloc(mostBytes), 0, mostBytes, 0);
          this.#text = buffer.toString("utf8", 0, bytesRead);
        } finally {
          await file.close();
        }
      },
    };
  }

  text(): string {
    return this.#text;
  }
}
