import { setTimeout as wait } from "node:timers/promises";
import type { Client, Run, Status } from "@fairway/api";
import type { GlobalOptions } from "../context.ts";
import { daemonClient } from "../context.ts";
import { analysisLines } from "../output/analysis-lines.ts";
import { statusLines } from "../output/status-lines.ts";
import { columns, harmless, isInteractive, print, printJson, wrap } from "../output/terminal.ts";

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
      const lines = [...statusLines(found, columns(), Date.now()), ...(await movingLines(client, found))];
      if (picture) picture(lines.join("\n"));
      else for (const line of lines) print(line);
    }
    if (!options.watch) return;
    await wait(frame);
  }
}

/** More than these at once are for `fairway run show`. */
const mostShown = 4;

/** How the new releases do that are on their way. */
async function movingLines(client: Client, { active }: Status): Promise<readonly string[]> {
  const moving = active.filter(({ kind, state }) => kind === "deployment" && state === "running").slice(0, mostShown);
  const found = await Promise.all(
    moving.map(async ({ id }) => {
      const [run, analysis] = await Promise.all([
        client.call("run", { run: id }),
        client.call("analysis", { run: id }),
      ]);
      return [...analysisLines(analysis, columns()), ...askingLines(run)];
    }),
  );
  return found.flat();
}

const askingLines = ({ id, approval }: Run): readonly string[] =>
  approval === null ? [] : wrap(`→ ${harmless(approval.until)}: fairway approve ${id}`, columns(), "  ");

/** Loaded only for those who watch. */
async function movingPicture(): Promise<(text: string) => void> {
  const { createLogUpdate } = await import("log-update");
  return createLogUpdate(process.stdout);
}
