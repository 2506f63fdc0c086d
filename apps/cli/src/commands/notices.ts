import { FairwayError } from "@fairway/core";
import type { GlobalOptions } from "../context.ts";
import { daemonClient, whoAsks } from "../context.ts";
import { table } from "../output/table.ts";
import { harmless, print, printJson } from "../output/terminal.ts";
import { ago } from "../output/times.ts";

interface Shown extends GlobalOptions {
  readonly dead?: boolean;
  readonly waiting?: boolean;
  readonly channel?: string;
}

/** `fairway notices`: what people were told, and what did not arrive. */
export async function listNotices(_args: readonly string[], options: Shown): Promise<void> {
  const client = await daemonClient(options);
  const found = await client.call("notices", {
    ...(options.dead ? { state: "dead" as const } : options.waiting ? { state: "waiting" as const } : {}),
    ...(options.channel === undefined ? {} : { channel: options.channel }),
  });
  if (options.json) return printJson(found);
  if (found.length === 0) return print(options.dead ? "everything has arrived" : "nobody was told anything yet");
  const now = Date.now();
  const rows = found.map(({ number, channel, madeAt, state, tries, title, why }) => [
    String(number),
    harmless(channel),
    ago(madeAt, now),
    state === "told" ? "told" : `${state} (${tries})`,
    harmless(why === null || state === "told" ? title : `${title}: ${why}`),
  ]);
  for (const line of table(["number", "channel", "made", "state", "what"], rows)) print(line);
}

/** `fairway notices test`. */
export async function testNotice([channel = ""]: readonly string[], options: GlobalOptions): Promise<void> {
  const client = await daemonClient(options);
  await client.call("testNotice", { channel, by: whoAsks() });
  if (options.json) return printJson({ channel });
  print(`${harmless(channel)} is told; whether it arrives: fairway notices --channel ${harmless(channel)}`);
}

/** `fairway notices retry`. */
export async function retryNotices([number]: readonly string[], options: GlobalOptions): Promise<void> {
  if (number !== undefined && !/^[1-9]\d{0,14}$/.test(number))
    throw new FairwayError("bad_request", `"${number}" is not the number of a notice`, {
      hint: "see them: fairway notices --dead",
    });
  const client = await daemonClient(options);
  const { retried } = await client.call("retryNotices", {
    number: number === undefined ? null : Number(number),
    by: whoAsks(),
  });
  if (options.json) return printJson({ retried });
  print(retried === 0 ? "nothing was given up" : `${retried} ${retried === 1 ? "is" : "are"} tried again`);
}
