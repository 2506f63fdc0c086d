import { createHash } from "node:crypto";
import { access, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Digest, Repository, SecretSource, StackPlacement, Value } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { RunTool, Stack } from "@fairway/infrastructure";
import { commandStack, saysWhereStateIs, terraformStack } from "@fairway/infrastructure";
import type { DataDirectory } from "../data-directory.ts";
import { digestOf } from "../digest.ts";
import type { Attempt } from "../runs/stage.ts";
import { valuesOf } from "../stages/step-command.ts";
import type { StackJobInput } from "./stack-jobs.ts";
import type { ToolSetting } from "./stack-tool.ts";
import { stackTool, toolEnvironment } from "./stack-tool.ts";

/** What the jobs of stacks need. */
export interface FolderParts {
  readonly data: DataDirectory;
  readonly repository: Repository;
  readonly secrets: SecretSource;
  /** A name for a secret's value that tells nothing about it. */
  readonly nameSecret: (environment: string, name: string, value: string) => string;
}

/** A stack as it lies in a checkout of its commit, ready to be asked. */
export interface StackInFolder {
  readonly folder: string;
  readonly secrets: readonly string[];
  /** Of the variables with their values. */
  readonly variables: Digest;
  /** The file that Fairway keeps the state in; null where the code says where its state is. */
  readonly ownState: string | null;
  /** The stack, whose commands run as one step; a stop ends them, unless they only look at what is there. */
  within(step: string, stops?: "also when stopped"): Stack;
}

type Place = Pick<StackJobInput, "environment" | "stack" | "commit">;

/** Puts the stack's commit into the run's folder, whole or not at all; what is there already stays. */
export async function checkoutStack(
  { data, repository }: FolderParts,
  attempt: Attempt,
  { environment, stack, commit }: Place,
): Promise<void> {
  const root = workspaceOf(data, attempt, stack.name);
  const folder = join(root, stack.folder);
  const done = join(root, ".fairway-checkout");
  if (await isThere(done)) return;
  await rm(root, { recursive: true, force: true });
  await repository.checkout(commit, root);
  if (!(await isThere(folder)))
    throw new FairwayError("config_invalid", `${stack.name}: the commit has no folder "${stack.folder}"`);
  if (typeof stack.program === "string" && !(await keepsItsState(folder))) {
    const states = keptStatesOf(data, environment, stack.name);
    await mkdir(states, { recursive: true, mode: 0o700 });
    // Workspaces but the default one have no say in `path`: each has a folder of its own below the other.
    await writeFile(
      join(folder, overrideFile),
      `terraform {\n  backend "local" {\n    path          = ${hcl(join(states, "terraform.tfstate"))}\n    workspace_dir = ${hcl(join(states, "workspaces"))}\n  }\n}\n`,
    );
  }
  await writeFile(done, commit);
}

const workspaceOf = (data: DataDirectory, attempt: Attempt, stack: string): string =>
  data.workspace(attempt.run, `infrastructure-${stack}`);

const overrideFile = "fairway_override.tf";

/** Where the `local` backend has the state of a workspace, as the override sets it up. */
const ownStateOf = (states: string, workspace: string | null): string =>
  workspace === null || workspace === "default"
    ? join(states, "terraform.tfstate")
    : join(states, "workspaces", workspace, "terraform.tfstate");

/** Where Fairway keeps the states of code that says nothing of where they are. */
const keptStatesOf = (data: DataDirectory, environment: string, stack: string): string =>
  join(data.root, "infrastructure", environment, stack);

/** A stack in its checkout, with the values of its variables. Throws `secret_missing`. */
export async function stackInFolder(
  { data, secrets, nameSecret }: FolderParts,
  attempt: Attempt,
  { environment, stack }: Place,
): Promise<StackInFolder> {
  const placed = stack.environments[environment];
  if (placed === undefined) throw new FairwayError("not_found", `${stack.name} is not in ${environment}`);
  const folder = join(workspaceOf(data, attempt, stack.name), stack.folder);
  const given = await givenTo(secrets, environment, placed);
  const setting: ToolSetting = {
    program: typeof stack.program === "string" ? stack.program : null,
    folder,
    env: { ...toolEnvironment(), ...given.env, FAIRWAY_ENVIRONMENT: environment },
    secrets: given.secrets,
    timeout: stack.timeout,
  };
  const backendFile = await backendFileOf(data, attempt, given.backend);
  const stackOf = (run: RunTool): Stack =>
    typeof stack.program === "string"
      ? terraformStack(run, {
          workspace: placed.workspace,
          varFiles: placed.varFiles,
          backendFile,
          lockTimeout: stack.lockTimeout,
        })
      : commandStack(run, stack.program);
  return {
    folder,
    secrets: given.secrets,
    variables: variablesOf(environment, placed, given.values, nameSecret),
    ownState: (await isThere(join(folder, overrideFile)))
      ? ownStateOf(keptStatesOf(data, environment, stack.name), placed.workspace)
      : null,
    within: (step, stops) =>
      stackOf(stackTool(data, stops === undefined ? attempt : { ...attempt, signal: never }, step, setting)),
  };
}

/** Of what is asked although everything else stops. */
const never = new AbortController().signal;

interface Given {
  readonly env: Readonly<Record<string, string>>;
  readonly backend: Readonly<Record<string, string>>;
  /** Every value, by the key that it is asked for with. */
  readonly values: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
}

async function givenTo(source: SecretSource, environment: string, placed: StackPlacement): Promise<Given> {
  const keyed = (prefix: string, values: Readonly<Record<string, Value>>): Readonly<Record<string, Value>> =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}${name}`, value]));
  const all = {
    ...keyed("env ", placed.env),
    ...keyed("var ", placed.variables),
    ...keyed("backend ", placed.backend),
  };
  const secret = await valuesOf(source, environment, all);
  const open = Object.entries(all).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  const values = { ...Object.fromEntries(open), ...secret };
  const under = (prefix: string, renamed: string): Readonly<Record<string, string>> =>
    Object.fromEntries(
      Object.entries(values)
        .filter(([key]) => key.startsWith(prefix))
        .map(([key, value]) => [`${renamed}${key.slice(prefix.length)}`, value]),
    );
  return {
    env: { ...under("env ", ""), ...under("var ", "TF_VAR_") },
    backend: under("backend ", ""),
    values,
    secrets: Object.values(secret),
  };
}

function variablesOf(
  environment: string,
  placed: StackPlacement,
  values: Given["values"],
  nameSecret: FolderParts["nameSecret"],
): Digest {
  const isSecret = (key: string): boolean => {
    const [kind = "", ...rest] = key.split(" ");
    const name = rest.join(" ");
    const from = kind === "env" ? placed.env : kind === "var" ? placed.variables : placed.backend;
    return typeof from[name] === "object";
  };
  return digestOf({
    varFiles: placed.varFiles,
    values: Object.fromEntries(
      Object.entries(values).map(([key, value]) => [
        key,
        isSecret(key) ? { secret: nameSecret(environment, key, value) } : value,
      ]),
    ),
  });
}

/** In a file, because what is on a command line everybody on the machine can read. */
async function backendFileOf(data: DataDirectory, attempt: Attempt, backend: Given["backend"]): Promise<string | null> {
  const lines = Object.entries(backend).map(([name, value]) => `${name} = ${hcl(value)}\n`);
  if (lines.length === 0) return null;
  const folder = join(data.attempt(attempt.id), "backend");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, `${createHash("sha256").update(lines.join("")).digest("hex").slice(0, 16)}.tfbackend`);
  await writeFile(file, lines.join(""), { mode: 0o600 });
  return file;
}

/** A text as HCL writes it: like JSON, but `${` and `%{` would be more than text. */
const hcl = (text: string): string => JSON.stringify(text).replaceAll(/([$%])\{/gu, "$1$1{");

/** Whether the code says itself where its state is, and it is there after this checkout is gone. */
async function keepsItsState(folder: string): Promise<boolean> {
  const names = (await readdir(folder)).filter((name) => /\.(?:tf|tofu)(?:\.json)?$/u.test(name));
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
  return texts.some(saysWhereStateIs);
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
