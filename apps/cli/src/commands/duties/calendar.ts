import type { GlobalOptions } from "../../context.ts";
import { daemonClient } from "../../context.ts";
import { table } from "../../output/table.ts";
import { harmless, print, printJson } from "../../output/terminal.ts";

/** `fairway duties calendar`. */
export async function dutyCalendar(
  _args: readonly string[],
  options: GlobalOptions & { readonly from?: string; readonly until?: string; readonly owner?: string },
): Promise<void> {
  const { from, until } = options;
  const client = await daemonClient(options);
  const found = await client.call("dutyCalendar", { from, until, owner: options.owner });
  if (options.json) return printJson(found);
  if (found.length === 0) return print("nothing is due in that time");
  const rows = found.map(({ due, slot, duty, owner, title, outcome }) => [
    slot.length === 10 ? slot : due.slice(0, 16).replace("T", " "),
    harmless(duty),
    harmless(owner),
    outcome ?? "open",
    harmless(title),
  ]);
  for (const line of table(["due (UTC)", "duty", "owner", "how", "what"], rows)) print(line);
}
