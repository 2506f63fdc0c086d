import type { GlobalOptions } from "../../context.ts";
import { daemonClient } from "../../context.ts";
import { table } from "../../output/table.ts";
import { harmless, print, printJson } from "../../output/terminal.ts";

const drifts = {
  unlisted: "is in the store, and in no inventory",
  absent: "is in the inventory, and not in the store",
} as const;

/** `fairway credentials`. */
export async function listCredentials(
  _args: readonly string[],
  options: GlobalOptions & { readonly env?: string },
): Promise<void> {
  const client = await daemonClient(options);
  const { credentials, tokens, drift } = await client.call("credentials", { env: options.env });
  if (options.json) return printJson({ credentials, tokens, drift });
  if (credentials.length === 0) print("there are none: write them into ops/credentials.yaml, without their values");
  const rows = credentials.flatMap(({ vendor, store, consumers, duties }) =>
    duties.map(({ duty, owner, state, dueAt, why }) => [
      harmless(duty.slice("credential/".length)),
      harmless(vendor),
      harmless(owner),
      harmless(store ?? "elsewhere"),
      harmless(consumers.join(", ") || "–"),
      state,
      dueAt?.slice(0, 10) ?? "–",
      harmless(why),
    ]),
  );
  if (rows.length > 0)
    for (const line of table(["credential", "vendor", "owner", "store", "used by", "state", "due", "why"], rows))
      print(line);
  for (const { id, name, owner, expiresAt, state } of tokens)
    print(
      `API token ${harmless(name)} (${id}) of ${harmless(owner)} ${state === "overdue" ? "ended" : "ends"} on ${expiresAt.slice(0, 10)}`,
    );
  for (const { environment, name, drift: how } of drift)
    print(`${harmless(name)} of ${harmless(environment)} ${drifts[how]}`);
}
