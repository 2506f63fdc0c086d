import { FairwayError } from "@fairway/core";
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
    print(
      `they ask for less, and wait for ${harmless(found.held.waitsFor.join(" and "))}: fairway duties accept ${found.held.commit.slice(0, 12)}`,
    );
    for (const line of found.held.weaker) print(`  ${harmless(line)}`);
  }
  return found.problems.length > 0 ? 2 : 0;
}

/** `fairway duties accept`: of the commit that is named, or of the one that it shows. */
export async function acceptDuties([named]: readonly string[], options: GlobalOptions): Promise<void> {
  const client = await daemonClient(options);
  const { held } = await client.call("duties", {});
  const what = named ?? held?.commit;
  if (what === undefined)
    throw new FairwayError("not_found", "no duties are held back", { hint: "see what holds: fairway duties" });
  if (!options.json && held !== null) {
    print(`the duties of ${harmless(held.commit.slice(0, 12))} ask for less:`);
    for (const line of held.weaker) print(`  ${harmless(line)}`);
  }
  const found = await client.call("acceptDuties", { by: whoAsks(), what });
  if (options.json) printJson(found);
  else if (found.held === null) print(`the duties of ${found.commit?.slice(0, 12) ?? ""} hold`);
  else print(`they still wait for ${harmless(found.held.waitsFor.join(" and "))}`);
}
