import { parseEnv } from "node:util";
import type { SecretChangedShape, SecretShape } from "@fairway/api";
import { FairwayError, secretName } from "@fairway/core";
import type { GlobalOptions } from "../../context.ts";
import { daemonClient, whoAsks } from "../../context.ts";
import { table } from "../../output/table.ts";
import { harmless, print, printJson } from "../../output/terminal.ts";
import { ago } from "../../output/times.ts";
import { sure } from "../ask.ts";
import { readText, readValue } from "./read-value.ts";

interface WhereOptions extends GlobalOptions {
  readonly env?: string;
  readonly shared?: boolean;
}

interface SetOptions extends WhereOptions {
  readonly from?: string;
  readonly fromFile?: string;
}

/** `fairway secrets list`. */
export async function listSecrets(_args: readonly string[], options: WhereOptions): Promise<void> {
  const client = await daemonClient(options);
  const found = await client.call("secrets", options.env === undefined ? {} : { environment: options.env });
  if (options.json) return printJson(found);
  if (found.length === 0) return print("there are no secrets\n→ make one: fairway secrets set NAME --env ENVIRONMENT");
  const now = Date.now();
  const rows = found.map((secret) => rowOf(secret, now));
  for (const line of table(["secret", "environment", "version", "set", "by", "given to"], rows)) print(line);
}

function rowOf({ name, environment, version, versions, consumers }: SecretShape, now: number): readonly string[] {
  const current = versions.find((one) => one.version === version);
  const users = consumers.map(({ service, environment: where, variable }) => {
    const whom = service ?? "every service";
    return `${environment === null ? `${where} ` : ""}${whom}${variable === name ? "" : ` as ${variable}`}`;
  });
  return [
    name,
    environment ?? "(shared)",
    `v${version}${current?.reference ? ` → ${harmless(current.reference)}` : ""}`,
    current === undefined ? "–" : ago(current.at, now),
    harmless(current?.by ?? "–"),
    users.length === 0 ? "nobody" : harmless(users.join(", ")),
  ];
}

/** `fairway secrets history`. */
export async function secretHistory([name = ""]: readonly string[], options: WhereOptions): Promise<void> {
  const environment = placeOf(options);
  const client = await daemonClient(options);
  const found = (await client.call("secrets", environment === null ? {} : { environment })).find(
    (one) => one.name === name && one.environment === environment,
  );
  if (found === undefined)
    throw new FairwayError("not_found", `there is no secret ${name} ${inWords(environment)}`, {
      hint: "see what there is: fairway secrets list",
    });
  if (options.json) return printJson(found);
  const now = Date.now();
  const rows = found.versions.map(({ version, at, by, reference, repeats }) => [
    `v${version}${version === found.version ? " (given)" : ""}`,
    ago(at, now),
    harmless(by),
    reference === null ? (repeats === null ? "" : `repeats v${repeats}`) : harmless(reference),
  ]);
  for (const line of table(["version", "set", "by", ""], rows)) print(line);
}

/** `fairway secrets set`. */
export async function setSecret([name = ""]: readonly string[], options: SetOptions): Promise<void> {
  // What follows the sign may be the value; it is not said again.
  if (name.includes("="))
    throw new FairwayError("bad_request", "the value does not go on the command line, where others can read it", {
      hint: "exchange it, for it was seen; and give the name alone: fairway secrets set NAME --env ENVIRONMENT",
    });
  if (!secretName.test(name))
    throw new FairwayError("bad_request", `${JSON.stringify(name.slice(0, 40))} cannot name a secret`, {
      hint: "a name has letters, digits and _, and does not begin with a digit",
    });
  const environment = placeOf(options);
  const { from, fromFile } = options;
  if (from !== undefined && fromFile !== undefined)
    throw new FairwayError("bad_request", "--from and --from-file are not for the same secret");
  const client = await daemonClient(options);
  const content = from === undefined ? { value: await readValue(name, fromFile, options) } : { reference: from };
  tell(await client.call("setSecret", { name, environment, ...content, by: whoAsks() }), options);
  if ("value" in content && content.value.length < 8 && !options.json)
    print("→ so short a value may be guessed, and may not be hidden in logs");
}

/** `fairway secrets import`. */
export async function importSecrets([file = ""]: readonly string[], options: WhereOptions): Promise<void> {
  const environment = placeOf(options);
  const values = Object.fromEntries(
    Object.entries(parseEnv(await readText(file))).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  if (Object.keys(values).length === 0)
    throw new FairwayError("bad_request", `${file} has no NAME=value lines`, { hint: "one variable a line" });
  const client = await daemonClient(options);
  const found = await client.call("importSecrets", { environment, values, by: whoAsks() });
  if (options.json) return printJson(found);
  for (const one of found) tell(one, options);
  print(`→ the values still lie in ${file}: delete it when they are no longer needed there`);
}

/** `fairway secrets rollback`. */
export async function rollBackSecret([name = "", to = ""]: readonly string[], options: WhereOptions): Promise<void> {
  const environment = placeOf(options);
  const version = Number(to.replace(/^v/, ""));
  if (!/^v?\d{1,9}$/.test(to) || version === 0)
    throw new FairwayError("bad_request", `"${to.slice(0, 40)}" is no version`, { hint: "write 3 or v3" });
  const client = await daemonClient(options);
  tell(
    await client.call("rollBackSecret", { name, environment, version, by: whoAsks() }),
    options,
    ` (repeats v${version})`,
  );
}

/** `fairway secrets remove`. */
export async function removeSecret([name = ""]: readonly string[], options: WhereOptions): Promise<number> {
  const environment = placeOf(options);
  const client = await daemonClient(options);
  if (!(await sure(`Remove ${name} ${inWords(environment)}, with all its versions?`, options))) return 3;
  const found = await client.call("removeSecret", { name, environment, by: whoAsks() });
  if (options.json) printJson(found);
  else print(`${name} is gone ${inWords(environment)}; what runs has it until its next deployment`);
  return 0;
}

/** `fairway secrets rotate-key`. */
export async function rotateKey(_args: readonly string[], options: GlobalOptions): Promise<void> {
  const client = await daemonClient(options);
  const found = await client.call("rotateKey", { by: whoAsks() });
  if (options.json) return printJson(found);
  print(
    `everything is sealed by ${found.key} now, in ${harmless(found.place)}; ${found.sealedAnew} values were sealed anew`,
  );
  if (found.before.length > 0)
    print(`→ keep ${found.before.join(", ")} for as long as backups from before are kept; then it may be deleted`);
}

function placeOf({ env, shared }: WhereOptions): string | null {
  if (env !== undefined && shared !== true) return env;
  if (env === undefined && shared === true) return null;
  throw new FairwayError("bad_request", "it needs the environment, or --shared for all that have none of their own", {
    hint: "say which: --env production",
  });
}

const inWords = (environment: string | null): string =>
  environment === null ? "among what environments share" : `in ${environment}`;

function tell(found: SecretChangedShape, { json }: GlobalOptions, more = ""): void {
  if (json) return printJson(found);
  const where = found.environment === null ? "shared" : found.environment;
  print(
    found.changed
      ? `${found.name} is at v${found.version} (${where})${more}; what runs gets it with its next deployment`
      : `${found.name} is this already, at v${found.version} (${where})`,
  );
}
