import type { GlobalOptions } from "../../context.ts";
import { daemonClient } from "../../context.ts";
import { table } from "../../output/table.ts";
import { bold, harmless, print, printJson } from "../../output/terminal.ts";

/** `fairway duties show`. */
export async function showDuty(
  [duty = ""]: readonly string[],
  options: GlobalOptions & { readonly release?: string; readonly limit?: string },
): Promise<void> {
  const client = await daemonClient(options);
  const found = await client.call("duty", { duty, release: options.release, limit: Number(options.limit ?? 10) });
  if (options.json) return printJson(found);
  print(bold(`${harmless(found.id)}: ${found.state}, ${harmless(found.why)}`));
  print(harmless(found.title));
  const facts: readonly (readonly [string, string | null])[] = [
    ["owed", found.cadence],
    ["owner", `${found.owner} (${found.people.join(", ") || "nobody"})`],
    ["then", found.escalation.join(", ") || null],
    ["environment", found.environment],
    ["by itself", found.automation],
    ["waived", found.waiver && `until ${found.waiver.until} by ${found.waiver.by}: ${found.waiver.because}`],
    ["mend it", found.mend],
    ["stands in", found.place && `${found.place.file}:${found.place.line}`],
  ];
  for (const [name, value] of facts) if (value !== null) print(`  ${name.padEnd(12)}${harmless(value)}`);
  if (found.evidence.length === 0) return print("nothing is on record of it");
  const rows = found.evidence.map((one) => [
    String(one.number),
    one.observedAt.slice(0, 16).replace("T", " "),
    one.outcome,
    harmless(one.automation ?? one.by),
    harmless(
      [...Object.entries(one.facts).map(([name, value]) => `${name} ${String(value)}`), one.note]
        .filter(Boolean)
        .join(", "),
    ),
  ]);
  for (const line of table(["row", "when (UTC)", "outcome", "by", "what"], rows)) print(line);
}
