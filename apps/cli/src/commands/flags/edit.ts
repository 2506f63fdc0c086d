import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import type { FlagShape } from "@fairway/api";
import { FairwayError, messageOf } from "@fairway/core";
import type { GlobalOptions } from "../../context.ts";
import { daemonClient, whoAsks } from "../../context.ts";
import { harmless, print, printJson } from "../../output/terminal.ts";
import { flagLine } from "./look.ts";

interface EditOptions extends GlobalOptions {
  readonly reason?: string;
  readonly ifVersion?: string;
}

/** What every edit says of itself. */
const edit = (
  [environment = "", flag = ""]: readonly string[],
  { reason, ifVersion }: EditOptions,
): { environment: string; flag: string; by: string; reason: string | null; version?: number } => ({
  environment,
  flag,
  by: whoAsks(),
  reason: reason ?? null,
  ...(ifVersion === undefined ? {} : { version: wholeNumber("--if-version", ifVersion) }),
});

/** `fairway flags set`. */
export async function setFlag(args: readonly string[], options: EditOptions): Promise<void> {
  const [, , file] = args;
  const client = await daemonClient(options);
  const definition = file === undefined ? {} : { definition: await readJson(file) };
  tell(await client.call("setFlag", { ...edit(args, options), ...definition }), options);
}

/** `fairway flags on`. */
export async function flagOn(args: readonly string[], options: EditOptions): Promise<void> {
  const client = await daemonClient(options);
  tell(await client.call("switchFlag", { ...edit(args, options), on: true }), options);
}

/** `fairway flags off`. */
export async function flagOff(args: readonly string[], options: EditOptions): Promise<void> {
  const client = await daemonClient(options);
  tell(await client.call("switchFlag", { ...edit(args, options), on: false }), options);
}

interface RolloutOptions extends EditOptions {
  readonly variant?: string;
}

/** `fairway flags rollout`. */
export async function rollOut(args: readonly string[], options: RolloutOptions): Promise<void> {
  const [, , given = ""] = args;
  const percent = Number(given.replace(/\s*%$/, ""));
  if (given.trim() === "" || Number.isNaN(percent))
    throw new FairwayError("bad_request", `"${given}" is no percentage`, { hint: "write a number from 0 to 100" });
  const client = await daemonClient(options);
  const found = await client.call("rollOutFlag", {
    ...edit(args, options),
    percent,
    variant: options.variant ?? null,
  });
  tell(found, options);
}

/** `fairway flags kill`. */
export async function kill([flag = "", environment]: readonly string[], options: EditOptions): Promise<void> {
  const client = await daemonClient(options);
  const found = await client.call("killFlag", {
    flag,
    environment: environment ?? null,
    by: whoAsks(),
    reason: options.reason ?? null,
  });
  if (options.json) return printJson(found);
  for (const one of found) print(flagLine(one));
}

/** `fairway flags remove`. */
export async function removeFlag(args: readonly string[], options: EditOptions): Promise<void> {
  const client = await daemonClient(options);
  const found = await client.call("removeFlag", edit(args, options));
  if (options.json) printJson(found);
  else print(`${found.key} is no longer in ${found.environment}`);
}

interface ImportOptions extends EditOptions {
  readonly replace?: boolean;
}

/** `fairway flags import`. */
export async function importFlags(
  [environment = "", file = ""]: readonly string[],
  options: ImportOptions,
): Promise<void> {
  const client = await daemonClient(options);
  const found = await client.call("importFlags", {
    environment,
    set: await readJson(file),
    replace: options.replace ?? false,
    by: whoAsks(),
    reason: options.reason ?? null,
  });
  if (options.json) return printJson(found);
  for (const { key, change, gave, gives } of found.changes)
    print(`${change} ${key}: ${harmless(gave ?? "–")} → ${harmless(gives ?? "–")}`);
  print(
    found.changes.length === 0
      ? `${environment} has these flags already`
      : `${environment} is at version ${found.version}`,
  );
}

interface KeyOptions extends GlobalOptions {
  readonly client?: boolean;
  readonly replace?: boolean;
  readonly origin?: readonly string[];
}

/** `fairway flags key`. */
export async function flagKey([environment = ""]: readonly string[], options: KeyOptions): Promise<void> {
  const client = await daemonClient(options);
  const found = await client.call("flagKey", {
    environment,
    kind: options.client ? "client" : "server",
    replace: options.replace ?? false,
    origins: options.origin === undefined ? null : [...options.origin],
  });
  if (options.json) return printJson(found);
  print(`OFREP_ENDPOINT=${found.url}`);
  print(`OFREP_HEADERS=Authorization=Bearer ${found.key}`);
  if (options.client && found.origins.length > 0) print(`pages of: ${found.origins.join(", ")}`);
}

function tell(found: FlagShape, { json }: GlobalOptions): void {
  if (json) printJson(found);
  else print(flagLine(found));
}

function wholeNumber(option: string, given: string): number {
  if (/^\d{1,9}$/.test(given)) return Number(given);
  throw new FairwayError("bad_request", `${option} takes a whole number, not "${given}"`);
}

/** A file's JSON, or that of the input. Throws `bad_request` with the place of what is wrong. */
async function readJson(file: string): Promise<unknown> {
  const source = file === "-" ? await text(process.stdin) : await readGiven(file);
  try {
    return JSON.parse(source) as unknown;
  } catch (thrown) {
    throw new FairwayError("bad_request", `${placeIn(file, source, messageOf(thrown))}: ${messageOf(thrown)}`, {
      hint: "flags are written as JSON, as flagd reads them",
      cause: thrown,
    });
  }
}

async function readGiven(file: string): Promise<string> {
  return readFile(file, "utf8").catch((thrown: NodeJS.ErrnoException) => {
    throw new FairwayError("bad_request", `could not read ${file}: ${thrown.message}`, { cause: thrown });
  });
}

/** `flags.json:3:7`, where the parser says how far it came. */
function placeIn(file: string, source: string, message: string): string {
  const at = /position (\d+)/.exec(message)?.[1];
  if (at === undefined) return file;
  const before = source.slice(0, Number(at)).split("\n");
  return `${file}:${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
}
