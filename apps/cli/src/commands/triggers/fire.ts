import { setTimeout as wait } from "node:timers/promises";
import type { FiringShape } from "@fairway/api";
import type { GlobalOptions } from "../../context.ts";
import { daemonClient, whoAsks } from "../../context.ts";
import { followRun } from "../../follow-run.ts";
import { inputsOf } from "../input-words.ts";
import { harmless, print, printJson } from "../../output/terminal.ts";

interface FireOptions extends GlobalOptions {
  readonly input?: readonly string[];
  readonly key?: string;
  readonly detach?: boolean;
}

/** `fairway trigger`: fires a trigger and shows what it starts on its way. */
export async function fireTrigger([trigger = ""]: readonly string[], options: FireOptions): Promise<number> {
  const client = await daemonClient(options);
  let firing: FiringShape = await client.call("fireTrigger", {
    trigger,
    inputs: inputsOf(options.input ?? []),
    key: options.key ?? null,
    by: whoAsks(),
  });
  while (firing.state === "pending") {
    await wait(100);
    firing = await client.call("firing", { firing: firing.number });
  }
  const hasRun = firing.run !== null && firing.state !== "failed";
  if (hasRun && firing.run !== null && options.detach !== true) return followRun(client, firing.run, options);
  if (options.json) printJson(firing);
  else print(`${firing.state}: ${harmless(firing.why)}${firing.run === null ? "" : ` (${firing.run})`}`);
  return firing.state === "started" || firing.state === "waiting" ? 0 : firing.state === "declined" ? 1 : 2;
}
