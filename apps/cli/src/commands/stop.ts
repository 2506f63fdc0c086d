import type { Client, Run } from "@fairway/api";
import { FairwayError } from "@fairway/core";
import type { GlobalOptions } from "../context.ts";
import { daemonClient, whoAsks } from "../context.ts";
import { followRun } from "../follow-run.ts";
import { startedOnly } from "./started-only.ts";

interface StopOptions extends GlobalOptions {
  readonly keep?: boolean;
  readonly force?: boolean;
  readonly detach?: boolean;
}

const isRun = (named: string): boolean => /^run-\d+$/.test(named);

/** `fairway stop`: of the environment or run that is named, or of the only environment where something moves. */
export async function stop([named]: readonly string[], options: StopOptions): Promise<number> {
  const client = await daemonClient(options);
  const wish = { by: whoAsks(), keep: options.keep ?? false, force: options.force ?? false };
  const run =
    named !== undefined && isRun(named)
      ? await client.call("cancel", { run: named, ...wish })
      : await client.call("stop", { environment: named ?? (await onlyMoving(client)), ...wish });
  if (options.detach) return startedOnly(run, options);
  const code = await followRun(client, run.id, options);
  // It was to be stopped, and it is: what counts is whether what ran before is back.
  return isStopped(await client.call("run", { run: run.id })) ? 0 : code;
}

const isStopped = ({ state, outcome }: Run): boolean => state === "aborted" && outcome?.restored !== false;

async function onlyMoving(client: Client): Promise<string> {
  const moving = (await client.call("environments", {})).filter((one) => one.moving !== null);
  const [only] = moving;
  if (only !== undefined && moving.length === 1) return only.name;
  throw only === undefined
    ? new FairwayError("not_allowed_now", "no environment is being changed", { hint: "see what waits: fairway status" })
    : new FairwayError("bad_request", "several environments are being changed", {
        hint: `name one: ${moving.map(({ name, moving: run }) => `fairway stop ${name} (${run})`).join(", ")}`,
      });
}
