import { FairwayError } from "@fairway/core";
import type { GlobalOptions } from "../context.ts";
import { daemonClient, whoAsks } from "../context.ts";
import { followRun } from "../follow-run.ts";
import { startedOnly } from "./started-only.ts";

interface DeployOptions extends GlobalOptions {
  readonly detach?: boolean;
  readonly remedy?: readonly string[];
}

/** `fairway deploy`. */
export async function deploy([environment = "", release]: readonly string[], options: DeployOptions): Promise<number> {
  const client = await daemonClient(options);
  const run = await client.call("deploy", {
    environment,
    release: release ?? null,
    promote: false,
    remedies: [...(options.remedy ?? [])],
    by: whoAsks(),
  });
  return options.detach ? startedOnly(run, options) : followRun(client, run.id, options);
}

/** `fairway promote`: to the one environment that takes from another, or the one that is named. */
export async function promote([named]: readonly string[], options: DeployOptions): Promise<number> {
  const client = await daemonClient(options);
  const environment =
    named ??
    onlyOne((await client.call("environments", {})).filter((one) => one.promotesFrom !== null).map((one) => one.name));
  const run = await client.call("deploy", { environment, release: null, promote: true, by: whoAsks() });
  return options.detach ? startedOnly(run, options) : followRun(client, run.id, options);
}

function onlyOne(names: readonly string[]): string {
  const [name] = names;
  if (name !== undefined && names.length === 1) return name;
  throw new FairwayError(
    "bad_request",
    names.length === 0 ? "no environment takes from another" : "several environments take from another",
    {
      hint: names.length === 0 ? "use: fairway deploy ENVIRONMENT" : `name one: ${names.join(", ")}`,
    },
  );
}
