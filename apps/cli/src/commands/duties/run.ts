import type { GlobalOptions } from "../../context.ts";
import { daemonClient, whoAsks } from "../../context.ts";
import { followRun } from "../../follow-run.ts";
import { table } from "../../output/table.ts";
import { bold, harmless, print, printJson } from "../../output/terminal.ts";
import { startedOnly } from "../started-only.ts";

/** `fairway duties run`. */
export async function runDuty(
  [duty = ""]: readonly string[],
  options: GlobalOptions & { readonly release?: string; readonly detach?: boolean },
): Promise<number> {
  const client = await daemonClient(options);
  const run = await client.call("runDuty", { by: whoAsks(), duty, release: options.release ?? null });
  return options.detach ? startedOnly(run, options) : followRun(client, run.id, options);
}

/** `fairway playbooks`. */
export async function listPlaybooks(_args: readonly string[], options: GlobalOptions): Promise<void> {
  const client = await daemonClient(options);
  const found = await client.call("playbooks", {});
  if (options.json) return printJson(found);
  if (found.length === 0) return print("there are none: write some into ops/playbooks");
  const rows = found.map(({ id, owner, reviewed, steps, title }) => [
    harmless(id),
    harmless(owner),
    reviewed,
    steps.length === 0 ? "to read" : String(steps.length),
    harmless(title),
  ]);
  for (const line of table(["playbook", "owner", "reviewed", "steps", "what"], rows)) print(line);
}

/** `fairway playbooks show`. */
export async function showPlaybook([id = ""]: readonly string[], options: GlobalOptions): Promise<number> {
  const client = await daemonClient(options);
  const found = (await client.call("playbooks", {})).find((one) => one.id === id);
  if (options.json) {
    printJson(found ?? null);
    return found === undefined ? 1 : 0;
  }
  if (found === undefined) {
    print(`there is no playbook ${harmless(id)}: see fairway playbooks`);
    return 1;
  }
  print(bold(`${harmless(found.title)} (${harmless(found.file)}, ${found.sha256.slice(0, 12)})`));
  for (const { name, language, text, approval, idempotent } of found.steps) {
    const notes = [language, ...(approval ? ["asks first"] : []), ...(idempotent ? ["may be repeated"] : [])];
    print(`\n${bold(harmless(name))}  ${harmless(notes.join(", "))}`);
    for (const line of text.split("\n")) print(`  ${harmless(line)}`);
  }
  return 0;
}

/** `fairway playbooks run`. */
export async function runPlaybook(
  [playbook = ""]: readonly string[],
  options: GlobalOptions & { readonly env?: string; readonly detach?: boolean },
): Promise<number> {
  const client = await daemonClient(options);
  const run = await client.call("runPlaybook", { by: whoAsks(), playbook, environment: options.env ?? null });
  return options.detach ? startedOnly(run, options) : followRun(client, run.id, options);
}
