import { readFile, rename, writeFile } from "node:fs/promises";
import { withDrillLog } from "@fairway/config";
import { FairwayError } from "@fairway/core";
import type { GlobalOptions } from "../../context.ts";
import { daemonClient } from "../../context.ts";
import { harmless, print, printJson } from "../../output/terminal.ts";

/** `fairway drill log`: what is on record, in the file that people read. */
export async function logDrills(
  [file = "ops/playbooks/backup-restore.md"]: readonly string[],
  options: GlobalOptions & { readonly limit?: string },
): Promise<void> {
  const text = await readFile(file, "utf8").catch((thrown: unknown) => {
    throw new FairwayError("not_found", `${file} cannot be read`, {
      hint: "name the playbook that has the drills: fairway drill log ops/playbooks/restore.md",
      cause: thrown,
    });
  });
  const client = await daemonClient(options);
  const found = await client.call("drills", { limit: Number(options.limit ?? 24) });
  const ended = found.flatMap(({ outcome, ...drill }) => (outcome === null ? [] : [{ ...drill, outcome }]));
  const written = withDrillLog(text, ended);
  if (written !== text) {
    await writeFile(`${file}.new`, written);
    await rename(`${file}.new`, file);
  }
  if (options.json) return printJson({ file, drills: ended.length, changed: written !== text });
  const drills = `${ended.length} ${ended.length === 1 ? "drill" : "drills"}`;
  print(`${harmless(file)} ${written === text ? "has" : "has now"} ${drills}`);
}
