import { setTimeout as wait } from "node:timers/promises";
import type { GlobalOptions } from "../context.ts";
import { daemonClient } from "../context.ts";
import { statusLines } from "../output/status-lines.ts";
import { columns, isInteractive, print, printJson } from "../output/terminal.ts";

const frame = 1000;

/** `fairway status`. */
export async function status(
  _args: readonly string[],
  options: GlobalOptions & { readonly watch?: boolean },
): Promise<void> {
  const client = await daemonClient(options);
  const picture = options.watch && isInteractive() ? await movingPicture() : null;
  for (;;) {
    const found = await client.call("status", {});
    if (options.json) printJson(found);
    else {
      const lines = statusLines(found, columns(), Date.now());
      if (picture) picture(lines.join("\n"));
      else for (const line of lines) print(line);
    }
    if (!options.watch) return;
    await wait(frame);
  }
}

/** Loaded only for those who watch. */
async function movingPicture(): Promise<(text: string) => void> {
  const { createLogUpdate } = await import("log-update");
  return createLogUpdate(process.stdout);
}
