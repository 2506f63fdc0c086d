import type { GlobalOptions } from "../../context.ts";
import { daemonClient } from "../../context.ts";
import { table } from "../../output/table.ts";
import { harmless, print, printJson } from "../../output/terminal.ts";

/** `fairway matrix`. */
export async function matrix(
  _args: readonly string[],
  options: GlobalOptions & { readonly md?: boolean },
): Promise<void> {
  const client = await daemonClient(options);
  const found = await client.call("dutyMatrix", {});
  if (options.json) return printJson(found);
  if (options.md === true) {
    print(found.markdown.trimEnd());
    print(`\n<!-- ${found.digest} -->`);
    return;
  }
  if (found.rows.length === 0) return print("no duty names a task: give those of a row of the matrix `task`");
  const rows = found.rows.map(({ task, owners, automation, last, nextDue }) => [
    harmless(task),
    harmless(owners.join(", ")),
    harmless(automation.join("; ") || "–"),
    last === null
      ? "none"
      : harmless(
          `${last.outcome} ${last.at.slice(0, 10)} by ${last.by}${last.release === null ? "" : ` of ${last.release}`}`,
        ),
    nextDue?.slice(0, 10) ?? "–",
  ]);
  for (const line of table(["task", "human owner", "automation", "last evidence", "next due"], rows)) print(line);
}
