import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { FairwayError, messageOf } from "@fairway/core";
import type { BuiltInAction } from "../actions/built-in.ts";
import { containerHint } from "../containers/container-refusals.ts";
import { builtInAction } from "../actions/registry.ts";
import type { ActionDefinition } from "../model/action.ts";
import { formatProblem } from "../model/place.ts";
import { readAction } from "../reading/read-action.ts";
import type { RunningJob } from "./running-job.ts";

/** How deep composite actions may stand in each other, as on GitHub. */
export const deepestAction = 10;

/** What `uses` names. */
export type ActionReference =
  | { readonly kind: "local"; readonly path: string }
  | {
      readonly kind: "remote";
      /** `owner/name`. */
      readonly repository: string;
      /** Below the root of the repository; empty for the root. */
      readonly path: string;
      readonly ref: string;
    }
  | { readonly kind: "docker"; readonly image: string };

/** An action whose definition has been read. */
export interface ResolvedAction {
  readonly reference: ActionReference;
  readonly folder: string;
  readonly definition: ActionDefinition;
}

export type FoundAction = ResolvedAction | { readonly reference: ActionReference; readonly builtIn: BuiltInAction };

/** Reads `uses`; throws a sentence for what names no action. */
export function parseActionReference(text: string): ActionReference {
  if (text.startsWith("docker://")) return { kind: "docker", image: text.slice("docker://".length) };
  if (text.startsWith("./") || text.startsWith("../") || text.startsWith("$/")) {
    return { kind: "local", path: text.replace(/^\$\//, "./") };
  }
  const at = text.indexOf("@");
  const [owner = "", name = "", ...rest] = text.slice(0, at < 0 ? undefined : at).split("/");
  const ref = at < 0 ? "" : text.slice(at + 1);
  if (owner === "" || name === "" || ref === "") {
    throw new TypeError(
      `Expected format {org}/{repo}[/path]@ref. Actual '${text}' Input string was not in a correct format.`,
    );
  }
  return { kind: "remote", repository: `${owner}/${name}`, path: rest.filter((part) => part !== "").join("/"), ref };
}

/** Finds the actions of a job: built-in ones first, then the workspace, then other repositories at their locked commits. */
export class ActionFinder {
  readonly #job: RunningJob;
  readonly #remote = new Map<string, Promise<FoundAction>>();

  constructor(job: RunningJob) {
    this.#job = job;
  }

  /** Throws a sentence, or what the host throws, when it is not to be had. */
  async find(uses: string): Promise<FoundAction> {
    const reference = parseActionReference(uses);
    switch (reference.kind) {
      case "docker":
        return this.#runnable(uses, {
          reference,
          folder: this.#job.host.folders.workspace,
          definition: imageAsAction(uses),
        });
      case "local":
        // Read each time: a step may have just written it.
        return this.#read(reference, resolve(this.#job.host.folders.workspace, reference.path), uses);
      case "remote": {
        const builtIn = builtInAction(reference);
        if (builtIn !== undefined) return { reference, builtIn };
        let found = this.#remote.get(uses);
        if (found === undefined) {
          found = this.#fetch(reference, uses);
          this.#remote.set(uses, found);
        }
        return found;
      }
    }
  }

  /** Refuses a container where there is no engine: when the job is set up, before anything of it has run. */
  #runnable(uses: string, found: ResolvedAction): ResolvedAction {
    if (found.definition.kind !== "docker" || this.#job.host.containers !== undefined) return found;
    throw new FairwayError(
      "not_allowed_now",
      `"${uses}" is a container action, and no container engine is configured`,
      {
        hint: containerHint,
      },
    );
  }

  async #fetch(reference: ActionReference & { readonly kind: "remote" }, uses: string): Promise<FoundAction> {
    const { folder } = await this.#job.ask(async (host) =>
      host.action({ repository: reference.repository, ref: reference.ref }),
    );
    return this.#read(reference, join(folder, reference.path), uses);
  }

  async #read(reference: ActionReference, folder: string, uses: string): Promise<ResolvedAction> {
    for (const name of ["action.yml", "action.yaml"]) {
      const text = await textOf(join(folder, name));
      if (text === undefined) continue;
      const read = readAction(text, `${reference.kind === "local" ? reference.path.replace(/\/$/, "") : uses}/${name}`);
      if ("problems" in read) {
        throw new FairwayError(
          "workflow_invalid",
          `the action "${uses}" cannot be used: ${read.problems.map(formatProblem).join("\n")}`,
          {
            problems: read.problems.map(formatProblem),
          },
        );
      }
      return this.#runnable(uses, { reference, folder, definition: read.action });
    }
    if (reference.kind === "local") {
      throw new TypeError(
        `Can't find 'action.yml', 'action.yaml' or 'Dockerfile' under '${folder}'. Did you forget to run actions/checkout before running your local action?`,
      );
    }
    throw new TypeError(`Can't find 'action.yml', 'action.yaml' or 'Dockerfile' for action '${uses}'.`);
  }
}

/** An image by itself, as an action without a definition of its own. */
const imageAsAction = (uses: string): ActionDefinition => ({
  kind: "docker",
  file: uses,
  inputs: [],
  outputs: [],
  image: uses,
  preIf: "always()",
  postIf: "always()",
  args: [],
});

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (thrown) {
    const { code } = thrown as { readonly code?: unknown };
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new TypeError(`could not read ${path}: ${messageOf(thrown)}`, { cause: thrown });
  }
}
