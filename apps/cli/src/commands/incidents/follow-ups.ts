import { FairwayError } from "@fairway/core";
import type { GlobalOptions } from "../../context.ts";
import { daemonClient, whoAsks } from "../../context.ts";
import { numberOf, tell } from "./incidents.ts";

/** `fairway incidents follow-up`. */
export async function followUp(
  [name = "", what = ""]: readonly string[],
  options: GlobalOptions & { readonly owner?: string; readonly due?: string },
): Promise<void> {
  const { owner, due } = options;
  if (owner === undefined || due === undefined)
    throw new FairwayError("bad_request", "say who does it, and until when", { hint: "--owner NAME --due 2026-12-01" });
  const client = await daemonClient(options);
  tell(await client.call("followUpIncident", { by: whoAsks(), number: numberOf(name), what, owner, due }), options);
}

/** `fairway incidents done`. */
export async function endFollowUp([name = "", number = ""]: readonly string[], options: GlobalOptions): Promise<void> {
  const client = await daemonClient(options);
  tell(await client.call("endFollowUp", { by: whoAsks(), number: numberOf(name), followUp: Number(number) }), options);
}
