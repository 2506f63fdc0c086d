import type { FiringShape } from "@fairway/api";
import { FairwayError } from "@fairway/core";
import type { GlobalOptions } from "../../context.ts";
import { daemonClient } from "../../context.ts";
import { table } from "../../output/table.ts";
import { harmless, print, printJson } from "../../output/terminal.ts";
import { ago } from "../../output/times.ts";

/** `fairway triggers`: what is started by itself. */
export async function listTriggers([name]: readonly string[], options: GlobalOptions): Promise<void> {
  const client = await daemonClient(options);
  const all = await client.call("triggers", {});
  const found = { ...all, triggers: all.triggers.filter((trigger) => name === undefined || trigger.name === name) };
  if (name !== undefined && found.triggers.length === 0)
    throw new FairwayError("not_found", `there is no trigger "${name}"`, {
      hint: `there are ${all.triggers.map((trigger) => trigger.name).join(", ")}`,
    });
  if (options.json) return printJson(found);
  if (found.problem !== null)
    print(`The newest commit of ${harmless(found.branch)} does not count: ${harmless(found.problem)}\n`);
  if (found.triggers.length === 0) {
    print(`${harmless(found.branch)} has no triggers. See docs/how-to/triggers.md`);
    return;
  }
  const rows = found.triggers.map(({ name, on, starts, next, last }) => [
    name,
    harmless(on.join("; ")),
    harmless(starts),
    next === null ? "" : next.replace(/:\d\d\.\d+Z$/u, "Z"),
    last === null
      ? "never"
      : `${ago(last.firedAt, Date.now())}: ${last.state}${last.run === null ? "" : ` ${last.run}`}`,
  ]);
  for (const line of table(["trigger", "on", "what it does", "next", "last"], rows)) print(line);
}

interface FiredOptions extends GlobalOptions {
  readonly limit: string;
}

/** `fairway triggers fired`: what has fired, and what came of it. */
export async function firedTriggers([trigger]: readonly string[], options: FiredOptions): Promise<void> {
  const client = await daemonClient(options);
  const found = await client.call("firings", {
    limit: options.limit,
    ...(trigger === undefined ? {} : { trigger }),
  });
  if (options.json) return printJson(found);
  if (found.length === 0) return print("Nothing has fired yet.");
  const rows = found.map((firing) => [
    String(firing.number),
    ago(firing.firedAt, Date.now()),
    harmless(firing.trigger),
    harmless(firing.cause),
    harmless(whatOf(firing)),
    firing.state,
    firing.run ?? "",
    harmless(firing.why.split("\n")[0] ?? ""),
  ]);
  for (const line of table(["number", "when", "trigger", "by", "of", "state", "run", "why"], rows)) print(line);
}

const whatOf = ({ ref, sha }: FiringShape): string =>
  [ref?.replace(/^refs\/(?:heads|tags)\//u, ""), sha?.slice(0, 7)].filter((part) => part !== undefined).join(" ");
