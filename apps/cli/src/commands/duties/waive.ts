import { FairwayError } from "@fairway/core";
import type { GlobalOptions } from "../../context.ts";
import { daemonClient, whoAsks } from "../../context.ts";
import { harmless, print, printJson } from "../../output/terminal.ts";

interface WaiveOptions extends GlobalOptions {
  readonly reason?: string;
  readonly for?: string;
  readonly release?: string;
}

const units = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `fairway duties waive`. */
export async function waiveDuty([duty = ""]: readonly string[], options: WaiveOptions): Promise<void> {
  const [, count, unit] = /^(\d{1,4})([mhd])$/.exec(options.for ?? "") ?? [];
  if (count === undefined)
    throw new FairwayError("bad_request", "a waiver always ends: say for how long", {
      hint: `fairway duties waive ${duty} --for 2d --reason "…"`,
    });
  const client = await daemonClient(options);
  const until = new Date(Date.now() + Number(count) * units[unit as keyof typeof units]).toISOString();
  const found = await client.call("waiveDuty", {
    ...{ by: whoAsks(), duty, until, reason: options.reason ?? "" },
    release: options.release ?? null,
  });
  if (options.json) return printJson(found);
  print(`${harmless(found.id)} is passed over until ${until}; it is ${found.state} all the same`);
}
