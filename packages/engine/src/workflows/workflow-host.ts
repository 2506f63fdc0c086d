import { open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Annotation, HostCommand, HostCommandEnd, JobHost, OutputFilter } from "@fairway/workflow";
import type { Millis } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import { BegunSteps } from "./begun-steps.ts";
import type { EndingRung } from "../commands/end-processes.ts";
import type { CommandOutcome } from "../commands/run-command.ts";
import type { CommandUser } from "../commands/run-as.ts";
import { runCommand } from "../commands/run-command.ts";
import type { DataDirectory } from "../data-directory.ts";
import { mustLetGo, never } from "../runs/attempt.ts";
import type { Attempt, Json, StepShown } from "../runs/stage.ts";
import type { KeptSteps } from "./kept-steps.ts";
import { placeOfKey } from "./kept-steps.ts";
import { maskText } from "./mask-text.ts";
import { QuietCopy } from "./quiet-copy.ts";
import { StepLog } from "./step-log.ts";
import { keepFindings, type StepFindings } from "./step-findings.ts";

/** What a job's host is made of: the attempt that carries it out, and what the plane found for it. */
export interface WorkflowHostParts extends Pick<
  JobHost,
  "secrets" | "vars" | "folders" | "startedAt" | "identityToken" | "repository" | "action" | "containers"
> {
  readonly attempt: Attempt;
  readonly data: DataDirectory;
  /** Whom commands run as, instead of whoever the daemon is. */
  readonly user: CommandUser | undefined;
  /** What people call the steps, by their places, as far as that is known before they run. */
  readonly titles: ReadonlyMap<string, string>;
  /** Records of an earlier attempt that stand for steps of this one, by their places. */
  readonly before: ReadonlyMap<string, Json>;
  /** Values besides the secrets that nobody may read in a log. */
  readonly masks: readonly string[];
}

/** A host, and what is left to do when its job has ended. */
export interface WorkflowHost extends JobHost {
  /** Every step that was recorded, for an attempt after this. */
  recorded(): KeptSteps["steps"];
  /** What steps said about files and the job, in the order in which it was told, with secrets unreadable. */
  annotations(): readonly Annotation[];
  /** Removes the raw output of commands, which may hold secrets: nobody will ask for them again. */
  forgetOutput(): Promise<void>;
  /** Ends the logs that are still open. */
  close(): Promise<void>;
}

/** A step's folder is named for its key, which is a number or a word; a command's must not be mistaken for it. */
const commandPrefix = "command-";

/** The official runner's order and times. */
const ladder: readonly EndingRung[] = [
  { signal: "SIGINT", wait: 7_500 },
  { signal: "SIGTERM", wait: 2_500 },
];

/** A job has its own time limit; this only keeps a command from running for ever when nobody watches it any more. */
const longest: Millis = 35 * 24 * 60 * 60 * 1000;

/** The host of one job: each step a recorded step of the attempt, each command under a runner that outlives the daemon. */
export async function workflowHost(parts: WorkflowHostParts): Promise<WorkflowHost> {
  const { attempt, data, titles, before } = parts;
  const cancel = new AbortController();
  const letGo = new AbortController();
  const tell = (): void => (mustLetGo(attempt.signal) ? letGo : cancel).abort(attempt.signal.reason);
  if (attempt.signal.aborted) tell();
  else attempt.signal.addEventListener("abort", tell, { once: true });

  const masks = new Set<string>();
  for (const value of [...Object.values(parts.secrets), ...parts.masks]) addTo(masks, value);
  const logs = new Map<string, Promise<StepLog>>();
  const written = new Set<string>();
  const begun = await BegunSteps.open(data.attempt(attempt.id));
  const annotations = new Map<string, Annotation>();
  const summaries = new Map<string, { readonly step: string; readonly markdown: string }>();
  const records: { readonly key: string; readonly value: Json }[] = [];
  let current: string | undefined;
  const logOf = (step: string): Promise<StepLog> => {
    const known = logs.get(step);
    if (known !== undefined) return known;
    const path = join(data.step(attempt.id, step), "log");
    written.add(path);
    const opened = StepLog.open(path, [...masks]);
    logs.set(step, opened);
    return opened;
  };

  const unreadable = (annotation: Annotation): Annotation => ({
    ...annotation,
    message: maskText(annotation.message, masks),
    ...(annotation.title === undefined ? {} : { title: maskText(annotation.title, masks) }),
  });
  /** What a step says beside its log, masked by all that is secret when it has ended. */
  const findingsOf = (step: string): StepFindings => ({
    annotations: [...annotations.values()].filter((annotation) => annotation.step === step).map(unreadable),
    summaries: [...summaries.values()]
      .filter((summary) => summary.step === step)
      .map(({ markdown }) => maskText(markdown, masks)),
  });

  const endLog = async (step: string): Promise<void> => {
    const log = logs.get(step);
    logs.delete(step);
    await (await log)?.end();
  };

  const shownAs = (key: string): StepShown<Json> => {
    let title = titles.get(placeOfKey(key)) ?? null;
    return {
      title: () => title,
      standing: (value) => {
        const { name, conclusion } = value as { readonly name?: string; readonly conclusion?: string };
        title = name === undefined ? title : maskText(name, masks);
        switch (conclusion) {
          case "failure":
            return { state: "failed", message: null };
          case "cancelled":
            return { state: "aborted", message: null };
          case "skipped":
            return { state: "succeeded", message: "skipped" };
          default:
            return { state: "succeeded", message: null };
        }
      },
    };
  };

  const watched = (filter: OutputFilter): OutputFilter => ({
    get wants() {
      return filter.wants;
    },
    async lines(batch) {
      const found = await filter.lines(batch);
      for (const annotation of found.annotations) annotations.set(annotation.id, annotation);
      return found;
    },
  });

  return {
    signal: cancel.signal,
    secrets: parts.secrets,
    vars: parts.vars,
    folders: parts.folders,
    startedAt: parts.startedAt,
    identityToken: parts.identityToken,
    repository: parts.repository,
    action: parts.action,
    containers: parts.containers,

    async step<T>(key: string, work: () => Promise<T>): Promise<T> {
      const value = await attempt.step<Json>(
        key,
        async () => {
          const earlier = before.get(key);
          if (earlier !== undefined) return earlier;
          current = key;
          begun.begin(key);
          // With its first line the log is there, and those who follow it see it begin.
          await logOf(key);
          const made = await work();
          await endLog(key);
          await keepFindings(data.step(attempt.id, key), findingsOf(key));
          current = undefined;
          return made as Json;
        },
        shownAs(key),
      );
      records.push({ key, value });
      return value as T;
    },

    command: (command) => commandOf(command, { attempt, data, user: parts.user, masks, begun, letGo, logOf, watched }),

    log(step, lines) {
      // What cannot be written is told when the step ends.
      logOf(step)
        .then((log) => log.lines(lines))
        .catch(() => {});
    },

    addMask(value) {
      addTo(masks, value);
      for (const log of logs.values()) log.then((open) => open.mask([value])).catch(() => {});
    },

    annotate: (annotation) => void annotations.set(annotation.id, annotation),
    summary: async (place, markdown) => void summaries.set(place, { step: current ?? place, markdown }),
    progress: ({ name, state }) => {
      if (state === "running") attempt.progress(maskText(name, masks));
    },

    recorded: () => records,
    annotations: () => [...annotations.values()].map(unreadable),
    forgetOutput: async () => {
      const directory = data.attempt(attempt.id);
      const names = await readdir(directory).catch((thrown: NodeJS.ErrnoException) => {
        if (thrown.code === "ENOENT") return [];
        throw thrown;
      });
      const commands = names.filter((name) => name.startsWith(commandPrefix));
      await Promise.all(commands.map((name) => rm(join(directory, name, "state", "raw"), { force: true })));
    },
    async close() {
      for (const step of [...logs.keys()]) {
        await endLog(step);
        await keepFindings(data.step(attempt.id, step), findingsOf(step));
      }
      await Promise.all([...written].map(sync));
      await begun.close();
      attempt.signal.removeEventListener("abort", tell);
    },
  };
}

async function sync(path: string): Promise<void> {
  const file = await open(path, "r").catch((thrown: NodeJS.ErrnoException) => {
    // It was compressed, by a daemon before this one, or there was no room for it.
    if (thrown.code === "ENOENT") return undefined;
    throw thrown;
  });
  await file?.datasync();
  await file?.close();
}

interface CommandParts extends Pick<WorkflowHostParts, "attempt" | "data" | "user"> {
  readonly masks: ReadonlySet<string>;
  readonly begun: BegunSteps;
  readonly letGo: AbortController;
  readonly logOf: (step: string) => Promise<StepLog>;
  readonly watched: (filter: OutputFilter) => OutputFilter;
}

async function commandOf(command: HostCommand, parts: CommandParts): Promise<HostCommandEnd> {
  const { attempt, data, user, masks, begun, letGo, logOf, watched } = parts;
  const quiet = command.quiet === true ? new QuietCopy() : undefined;
  const log = quiet === undefined ? await logOf(command.step) : undefined;
  // A step's own folder is its key's; the command of a step that has only one must not share its place with the log.
  const directory = join(data.attempt(attempt.id), `${commandPrefix}${encodeURIComponent(command.key)}`);
  if (begun.beganBeforeBoot(command.step) && !command.key.includes("~"))
    throw new FairwayError("command_failed", "the machine went down while it ran, or just before", { retryable: true });
  await begun.written(command.step);
  const filter = command.output === undefined ? undefined : watched(command.output);
  try {
    const outcome = await runCommand(
      {
        directory,
        argv: command.argv,
        cwd: command.cwd,
        env: command.env,
        secrets: [...masks],
        timeout: command.timeout ?? longest,
        grace: ladder,
        background: "stays",
        remembered: true,
        anyNames: true,
        user,
      },
      {
        signal: command.signal,
        detach: letGo.signal,
        copy: async (raw) => (quiet === undefined ? log?.copyOf(raw, filter) : quiet.of(raw)),
      },
    );
    return endOf(outcome, quiet?.text());
  } catch (thrown) {
    if (letGo.signal.aborted) return never();
    throw thrown;
  }
}

function endOf(outcome: CommandOutcome, output: string | undefined): HostCommandEnd {
  const said = output === undefined ? {} : { output };
  switch (outcome.ended) {
    case "exited":
      return { ended: "exited", code: outcome.code, ...said };
    case "signalled":
      return { ended: "killed", signal: outcome.signal, ...said };
    case "timed-out":
      return { ended: "timed-out", ...said };
    case "stopped":
      return { ended: "cancelled", ...said };
  }
}

/** A value and each of its lines, trimmed as the official runner does. */
function addTo(masks: Set<string>, value: string): void {
  for (const part of [value, ...value.split(/\r?\n/)]) if (part.trim() !== "") masks.add(part.trim());
}
