import { existsSync } from "node:fs";
import { readFile, realpath } from "node:fs/promises";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { FairwayError, messageOf } from "@fairway/core";
import { inputsOf } from "../input-words.ts";
import type { GlobalOptions } from "../../context.ts";
import { daemonClient, whoAsks } from "../../context.ts";
import { followRun } from "../../follow-run.ts";
import { harmless, print, printJson } from "../../output/terminal.ts";
import { startedOnly } from "../started-only.ts";

interface WorkflowRunOptions extends GlobalOptions {
  readonly job?: string;
  readonly event?: string;
  readonly input?: readonly string[];
  readonly ref: string;
  readonly ignoreUncommitted?: boolean;
  readonly detach?: boolean;
}

/** `fairway workflow run`: runs a workflow file of a commit and shows it on its way. */
export async function workflowRun([file = ""]: readonly string[], options: WorkflowRunOptions): Promise<number> {
  const event = await eventOf(options.event);
  const inputs = inputsOf(options.input ?? []);
  const client = await daemonClient(options);
  const { run, reason } = await client.call("runWorkflow", {
    file: await pathInRepository(file),
    ref: options.ref,
    by: whoAsks(),
    job: options.job ?? null,
    event: { ...event, inputs },
    uncommitted: options.ignoreUncommitted ? "ignore" : "refuse",
  });
  if (run === null) {
    if (options.json) printJson({ run, reason });
    else print(`nothing runs: ${harmless(reason)}`);
    return 1;
  }
  return options.detach ? startedOnly(run, options) : followRun(client, run.id, options);
}

type Payload = Readonly<Record<string, never>>;

/** The name of an event, or a file that says what GitHub would send: with the name in `event_name`, or one that can be told. */
async function eventOf(
  asked: string | undefined,
): Promise<{ readonly name: string | null; readonly payload: Payload | null }> {
  if (asked === undefined) return { name: null, payload: null };
  if (!asked.endsWith(".json")) return { name: asked, payload: null };
  const read = async (): Promise<unknown> => JSON.parse(await readFile(asked, "utf8"));
  const payload = await read().catch((thrown: unknown) => {
    throw new FairwayError("bad_request", `could not read the event from ${asked}: ${messageOf(thrown)}`);
  });
  if (typeof payload !== "object" || payload === null || Array.isArray(payload))
    throw new FairwayError("bad_request", `${asked} is no event: it must be one JSON object`);
  const named = (payload as { readonly event_name?: unknown }).event_name;
  return { name: typeof named === "string" ? named : nameOfPayload(payload), payload: payload as Payload };
}

function nameOfPayload(payload: object): string | null {
  if ("pull_request" in payload) return "pull_request";
  if ("inputs" in payload) return "workflow_dispatch";
  if ("schedule" in payload) return "schedule";
  return "before" in payload || "head_commit" in payload || "ref" in payload ? "push" : null;
}

/** A path as the repository calls it. What is not there is asked for as it was given: it may be in another commit. */
async function pathInRepository(file: string): Promise<string> {
  const path = resolve(file);
  const real = await realpath(path).catch(() => path);
  for (let folder = dirname(real); ; folder = dirname(folder)) {
    if (existsSync(join(folder, ".git"))) return relative(folder, real).split(sep).join("/");
    if (folder === dirname(folder)) break;
  }
  if (isAbsolute(file)) throw new FairwayError("not_a_repository", `${file} is not inside a git repository`);
  return file.split(sep).join("/");
}
