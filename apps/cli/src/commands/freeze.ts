import { FairwayError } from "@fairway/core";
import type { GlobalOptions } from "../context.ts";
import { daemonClient, whoAsks } from "../context.ts";
import { harmless, print, printJson } from "../output/terminal.ts";

/** `fairway freeze override`: one of two people who let a deployment through. */
export async function overrideFreeze(
  [run = ""]: readonly string[],
  options: GlobalOptions & { readonly reason?: string },
): Promise<void> {
  if (!options.reason?.trim())
    throw new FairwayError("bad_request", "it needs a reason, for whoever asks later", {
      hint: `fairway freeze override ${run} --reason "…"`,
    });
  const client = await daemonClient(options);
  const { given, missing } = await client.call("overrideFreeze", { run, by: whoAsks(), reason: options.reason });
  if (options.json) return printJson({ given, missing });
  for (const { by, because } of given) print(`${harmless(by)}: ${harmless(because)}`);
  print(
    missing === 0
      ? `${run} goes through the freeze`
      : `${missing === 1 ? "one more person has" : `${missing} more people have`} to say so: fairway freeze override ${run} --reason "…"`,
  );
}

/** `fairway freeze`: what holds which environment still, and until when. */
export async function listFreezes([only]: readonly string[], options: GlobalOptions): Promise<void> {
  const client = await daemonClient(options);
  const frozen = (await client.call("environments", {})).flatMap(({ name, freeze }) =>
    freeze && (only === undefined || only === name) ? [{ environment: name, ...freeze }] : [],
  );
  if (options.json) return printJson(frozen);
  if (frozen.length === 0)
    return print(only === undefined ? "nothing is frozen now" : `${harmless(only)} is not frozen now`);
  for (const { environment, until, because } of frozen)
    print(`${harmless(environment)} is frozen until ${until}: ${harmless(because)}`);
}
