import { FairwayError } from "@fairway/core";
import type { Client, Run } from "@fairway/api";
import type { GlobalOptions } from "../../context.ts";
import { daemonClient, whoAsks } from "../../context.ts";
import { followRun } from "../../follow-run.ts";
import { infrastructurePlanLines } from "../../output/infrastructure-lines.ts";
import { columns, print } from "../../output/terminal.ts";
import { sure } from "../ask.ts";
import { startedOnly } from "../started-only.ts";

interface WhichOptions extends GlobalOptions {
  readonly stack?: readonly string[];
  readonly detach?: boolean;
}

interface Which {
  readonly environment: string;
  readonly of: string | null;
  readonly stacks: string[] | null;
  readonly by: string;
}

const which = ([environment = "", of]: readonly string[], { stack }: WhichOptions): Which => ({
  environment,
  of: of ?? null,
  stacks: stack === undefined ? null : [...stack],
  by: whoAsks(),
});

const followed = (client: Client, run: Run, options: WhichOptions): Promise<number> | number =>
  options.detach ? startedOnly(run, options) : followRun(client, run.id, options);

/** `fairway infrastructure plan`: exit code 0 also where there is something to do. */
export async function planInfrastructure(words: readonly string[], options: WhichOptions): Promise<number> {
  const client = await daemonClient(options);
  const run = await client.call("planInfrastructure", which(words, options));
  const code = await followed(client, run, options);
  if (options.detach || options.json) return code;
  for (const { id } of await client.call("infrastructurePlans", { run: run.id })) {
    for (const line of infrastructurePlanLines(await client.call("infrastructurePlan", { plan: id }), columns()))
      print(line);
    print(`→ apply it: fairway infrastructure apply ${run.environment ?? ""} --plan ${id}`);
  }
  return code;
}

interface ApplyOptions extends WhichOptions {
  readonly plan?: string;
}

/** `fairway infrastructure apply`. */
export async function applyInfrastructure(words: readonly string[], options: ApplyOptions): Promise<number> {
  const client = await daemonClient(options);
  const plan = options.plan === undefined ? null : numberOf(options.plan, "plan");
  return followed(client, await client.call("applyInfrastructure", { ...which(words, options), plan }), options);
}

interface DestroyOptions extends WhichOptions {
  readonly name?: string;
}

/** `fairway infrastructure destroy`. */
export async function destroyInfrastructure(words: readonly string[], options: DestroyOptions): Promise<number> {
  const asked = which(words, options);
  if (options.name !== asked.environment)
    throw new FairwayError("bad_request", `this takes all infrastructure of ${asked.environment} away`, {
      hint: `type its name: fairway infrastructure destroy ${asked.environment} --name ${asked.environment}`,
    });
  const client = await daemonClient(options);
  return followed(client, await client.call("destroyInfrastructure", { ...asked, name: options.name }), options);
}

/** `fairway infrastructure adopt`. */
export async function adoptDrift(words: readonly string[], options: WhichOptions): Promise<number> {
  const client = await daemonClient(options);
  return followed(client, await client.call("adoptDrift", which(words, options)), options);
}

/** `fairway infrastructure look`. */
export async function lookForDrift(words: readonly string[], options: WhichOptions): Promise<number> {
  const client = await daemonClient(options);
  return followed(client, await client.call("lookForDrift", which(words, options)), options);
}

/** `fairway infrastructure state restore`. */
export async function restoreState(
  [environment = "", state = ""]: readonly string[],
  options: WhichOptions,
): Promise<number> {
  const client = await daemonClient(options);
  const question = `Put state ${state} of ${environment} back? What was made since then is forgotten, and goes on existing.`;
  if (!(await sure(question, options))) return 3;
  const run = await client.call("restoreInfrastructureState", {
    environment,
    state: numberOf(state, "state"),
    by: whoAsks(),
  });
  return followed(client, run, options);
}

/** A number that somebody typed. Throws `bad_request`. */
export function numberOf(text: string, what: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new FairwayError("bad_request", `a ${what} has a number, and "${text}" is none`);
}
