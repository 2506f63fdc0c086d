import type { CommitHistory, Forge, ProjectForge, Repository, SecretSource, Trigger } from "@fairway/core";
import { FairwayError, messageOf } from "@fairway/core";
import type { ControlOptions } from "../control/control.ts";
import type { DataDirectory } from "../data-directory.ts";
import type { Store } from "../store/store.ts";
import type { TakeParts } from "./take-deliveries.ts";
import type { TriggerProject } from "./trigger-project.ts";
import { mentionsTriggers, readTriggerProject, triggerNamed } from "./trigger-project.ts";

/** Opens what a project says of where its repository is kept. */
export interface Forges {
  /** Null for a project that says nothing: events come from this machine alone. May be asked again for the same. */
  readonly open: (forge: ProjectForge | null, secrets: SecretSource) => Forge;
  readonly history: (forge: ProjectForge | null) => CommitHistory;
}

/** What triggers are read with. */
export interface TriggerReaderParts {
  readonly store: Store;
  readonly data: DataDirectory;
  readonly repository: Repository;
  readonly secrets: SecretSource;
  readonly forges: Forges;
  readonly log: ControlOptions["log"];
}

/** What was last read of the main branch's configuration, and the forge that it names. */
export interface TriggerReader {
  /** What was read last, without looking; null also before the first look. */
  readonly known: () => TriggerProject | null;
  /** The configuration of the main branch as it is now. */
  readonly refresh: () => Promise<TriggerProject | null>;
  /** What was read last; a project that says nothing of triggers is not read for it at all, until something happens. */
  readonly current: () => Promise<TriggerProject | null>;
  /** The same with what the forge has by now: a push that changes the triggers is judged by the changed ones. */
  readonly fetched: () => Promise<void>;
  /** The trigger of this name. Throws `not_found` with those that there are. */
  readonly named: (name: string) => Promise<{ readonly trigger: Trigger; readonly read: TriggerProject }>;
  /** What the configuration says of where the repository is kept; that opened, and the history there. */
  readonly configOf: () => ProjectForge | null;
  readonly opened: () => Forge;
  readonly history: () => CommitHistory;
  /** What events are taken with. */
  readonly takeParts: () => TakeParts;
  /** How often something may have made something known of the forge; `hear` counts one more. */
  readonly heard: () => number;
  readonly hear: () => void;
}

/** Reads triggers; what was read last is held in memory alone. */
export function triggerReader(parts: TriggerReaderParts): TriggerReader {
  const { store, repository, forges, log } = parts;
  let read: TriggerProject | null | undefined;
  let heard = 0;

  const configOf = (): ProjectForge | null => read?.project.forge ?? null;
  const opened = (): Forge => forges.open(configOf(), parts.secrets);
  const history = (): CommitHistory => forges.history(configOf());
  async function refresh(): Promise<TriggerProject | null> {
    heard += 1;
    const before = read?.problem ?? null;
    read = await readTriggerProject({ sql: store, data: parts.data, repository }, history());
    if (read?.problem && read.problem !== before) log("warn", `triggers: ${read.problem}`);
    return read;
  }
  async function named(name: string): Promise<{ readonly trigger: Trigger; readonly read: TriggerProject }> {
    const found = await refresh();
    if (found !== null) return { trigger: triggerNamed(found.project, name), read: found };
    throw new FairwayError("not_found", "the main branch has no configuration that could be read", {
      hint: "fairway triggers says what is wrong with it",
    });
  }
  async function current(): Promise<TriggerProject | null> {
    if (read !== undefined) return read;
    const here = history();
    const tip = await here.tip(`refs/heads/${await here.defaultBranch()}`);
    if (tip !== null && (await mentionsTriggers(repository, tip))) return refresh();
    return (read = null);
  }
  async function fetched(): Promise<void> {
    const found = await current();
    // Where it cannot be had, each event asks for its own commits, is told so, and comes again.
    if (found !== null)
      await opened()
        .fetch([`refs/heads/${found.branch}`])
        .catch((thrown: unknown) => log("debug", messageOf(thrown)));
    await refresh();
  }
  const takeParts = (): TakeParts => ({
    store,
    repository,
    history: history(),
    forge: opened(),
    read: read ?? null,
    workflows: configOf()?.workflows ?? true,
  });

  return {
    known: () => read ?? null,
    heard: () => heard,
    hear: () => void (heard += 1),
    configOf,
    opened,
    history,
    refresh,
    named,
    current,
    fetched,
    takeParts,
  };
}
