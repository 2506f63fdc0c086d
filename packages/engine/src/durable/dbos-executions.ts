import { AsyncLocalStorage } from "node:async_hooks";
import { DBOS } from "@dbos-inc/dbos-sdk";
import type { AttemptId } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { Recorder } from "../runs/attempt.ts";
import { alone } from "../store/migrate.ts";
import type { Store } from "../store/store.ts";
import type { Executions, Interpret } from "./executions.ts";

export interface DbosOptions {
  readonly store: Store;
  /** Unique to this process: what ran under another id is taken over, never recovered by name. */
  readonly worker: string;
  readonly interpret: Interpret;
  /** What DBOS has to say, for the daemon's log. */
  readonly log: (level: "debug" | "info" | "warn" | "error", message: string) => void;
}

/**
 * Raised only when the interpreter below changes so that it cannot go on with what an older one recorded. DBOS's own
 * default is a hash over sources and versions: any upgrade would leave attempts in flight pending for ever, in silence.
 */
const interpreterVersion = "engine-1";

let interpreting: Interpret | undefined;

/** The one workflow. DBOS keeps its registry in the process, so it is registered once and finds its engine here. */
const attemptWorkflow = DBOS.registerWorkflow(
  async (id: AttemptId): Promise<void> => {
    if (interpreting === undefined) throw new FairwayError("internal", `${id} was begun while no engine is open`);
    await interpreting(id, recordStep);
  },
  // DBOS counts each restart of a daemon as a recovery and would give up at 100. We count crashes ourselves.
  { name: "attempt", maxRecoveryAttempts: 1_000_000 },
);

const recordStep: Recorder = (name, work) => DBOS.runStep(work, { name });

/** Plain JSON: what steps return is JSON by its type, and errors are recorded as values. */
const plainJson = {
  name: (): string => "fairway-json",
  stringify: (value: unknown): string => JSON.stringify(value) ?? "null",
  parse: (text: string | null | undefined): unknown => (typeof text === "string" ? JSON.parse(text) : null),
};

/** Launches DBOS in this process. It is a global thing: one engine at a time. */
export async function openDbos({ store, worker, interpret, log }: DbosOptions): Promise<Executions> {
  if (interpreting !== undefined) throw new FairwayError("internal", "an engine is open in this process already");
  interpreting = interpret;
  const say = (level: "debug" | "info" | "warn" | "error") => (entry: unknown) =>
    log(
      level,
      entry instanceof Error
        ? (entry.stack ?? entry.message)
        : typeof entry === "string"
          ? entry
          : JSON.stringify(entry),
    );
  DBOS.setConfig({
    name: "fairway",
    systemDatabasePool: store.pool,
    applicationVersion: interpreterVersion,
    executorID: worker,
    serializer: plainJson,
    logger: { debug: say("debug"), info: say("debug"), warn: say("warn"), error: say("error") },
    // Nothing here waits for a message, so the connection that would listen for them is saved.
    useListenNotify: false,
    schedulerPollingIntervalMs: 3_600_000,
  });
  try {
    await alone(store, "launch", () => DBOS.launch());
  } catch (thrown) {
    interpreting = undefined;
    await DBOS.shutdown();
    throw thrown;
  }
  // What is called from inside a workflow, as when its end lets another attempt begin, DBOS would make a child of it.
  const outside = AsyncLocalStorage.snapshot();
  const begin = async (id: AttemptId): Promise<void> => {
    const handle = await DBOS.startWorkflow(attemptWorkflow, { workflowID: id })(id);
    // The interpreter says itself how an attempt ended; what is rejected here is an execution that was let go of.
    handle.getResult().catch((thrown: unknown) => say("debug")(thrown));
  };
  return {
    begin: (id) => outside(() => begin(id)),
    resume: (id) =>
      outside(async () => {
        const status = await DBOS.getWorkflowStatus(id);
        // It was claimed by a process that died before it began.
        if (status === null) await begin(id);
        else if (status.status === "SUCCESS" || status.status === "ERROR") return "gone";
        else await DBOS.resumeWorkflow(id);
        return "resumed";
      }),
    forgetEnded: () =>
      outside(async () => {
        for (;;) {
          const ended = await DBOS.listWorkflows({
            status: ["SUCCESS", "ERROR"],
            limit: 500,
            loadInput: false,
            loadOutput: false,
          });
          if (ended.length > 0) await DBOS.deleteWorkflows(ended.map(({ workflowID }) => workflowID));
          if (ended.length < 500) return;
        }
      }),
    async close() {
      await DBOS.shutdown();
      interpreting = undefined;
    },
  };
}

/** Whether an error of a recorder means that the stage asks for other steps than those on record. */
export function isOtherStep(thrown: unknown): boolean {
  const name = typeof thrown === "object" && thrown !== null ? thrown.constructor.name : "";
  return name === "DBOSUnexpectedStepError" || name === "DBOSStepNondeterminismError";
}
