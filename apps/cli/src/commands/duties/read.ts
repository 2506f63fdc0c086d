import type { GlobalOptions } from "../../context.ts";
import { daemonClient, whoAsks } from "../../context.ts";
import { harmless, print, printJson } from "../../output/terminal.ts";

/** `fairway duties read`: exit code 2 where the commit's duties have problems. */
export async function readDuties([ref = "HEAD"]: readonly string[], options: GlobalOptions): Promise<number> {
  const client = await daemonClient(options);
  const found = await client.call("readDuties", { by: whoAsks(), ref });
  if (options.json) printJson(found);
  else if (found.problems.length > 0) {
    print(`the duties of ${harmless(ref)} do not hold; those of ${found.commit?.slice(0, 12) ?? "nobody"} do`);
    for (const problem of found.problems) print(harmless(problem));
  } else if (found.held === null) print(`the duties of ${found.commit?.slice(0, 12) ?? ""} hold`);
  else {
    print(`they ask for less, and wait for the gate's owner: fairway duties accept`);
    for (const line of found.held.weaker) print(`  ${harmless(line)}`);
  }
  return found.problems.length > 0 ? 2 : 0;
}

/** `fairway duties accept`. */
export async function acceptDuties(_args: readonly string[], options: GlobalOptions): Promise<void> {
  const client = await daemonClient(options);
  const found = await client.call("acceptDuties", { by: whoAsks() });
  if (options.json) return printJson(found);
  print(`the duties of ${found.commit?.slice(0, 12) ?? ""} hold`);
}
