import { FairwayError, type Repository, type Sha } from "@fairway/core";
import type { ActionFiles, ActionSource, WantedAction } from "@fairway/workflow";

/**
 * The actions of other repositories, for jobs: at the commits that the job's own commit locks them to, and at no other. What
 * was fetched is kept for later runs, under its commit.
 */
export class LockedActions {
  readonly #repository: Pick<Repository, "textOf">;
  readonly #folder: string;
  readonly #server: string | undefined;
  #source: Promise<ActionSource> | undefined;

  constructor(repository: Pick<Repository, "textOf">, folder: string, server?: string) {
    this.#repository = repository;
    this.#folder = folder;
    this.#server = server;
  }

  /**
   * The files of an action. Throws `not_allowed_now` when the commit's lock does not name it, or its tag has moved since,
   * `workflow_invalid` when the lock cannot be read, and `checkout_failed`, retryable, when it cannot be reached.
   */
  async files(sha: Sha, wanted: WantedAction): Promise<ActionFiles> {
    const { actionLockFile, formatProblem, readActionLock } = await import("@fairway/workflow");
    const text = await this.#repository.textOf(sha, actionLockFile);
    const reading = text === undefined ? { lock: new Map<string, string>() } : readActionLock(text);
    if ("problems" in reading) {
      throw new FairwayError("workflow_invalid", `${actionLockFile} has problems`, {
        problems: reading.problems.map(formatProblem),
      });
    }
    this.#source ??= this.#open();
    return (await this.#source).files(wanted, reading.lock);
  }

  async #open(): Promise<ActionSource> {
    const { ActionSource } = await import("@fairway/workflow");
    return new ActionSource({ folder: this.#folder, ...(this.#server === undefined ? {} : { server: this.#server }) });
  }
}
