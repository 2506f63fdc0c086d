import type { FencingToken, RunId } from "@fairway/core";
import { attemptId, FairwayError, runId } from "@fairway/core";
import type { Recorded } from "../runs/attempt.ts";
import { attemptIn, never } from "../runs/attempt.ts";
import type { Json, Outcome, Stage } from "../runs/stage.ts";

export interface InMemoryOptions {
  readonly input?: Json;
  readonly results?: Readonly<Record<string, Json>>;
  readonly job?: string;
  /** `run-1` where it does not matter. */
  readonly run?: RunId;
  /** The environment that the run holds; without one every token is refused. */
  readonly holds?: string;
}

/** One attempt of a stage without a database: for tests of stages. */
export interface InMemoryAttempt {
  /** Executes it; after `crash` or `letGo` it goes on from what was recorded. Throws what the stage throws. */
  execute(): Promise<Outcome>;
  /** Abandons the execution as a killed process would: it never answers, and its step under way is not recorded. */
  crash(): void;
  /** Fires the signal: `stop` as when a person cancels, `let-go` as when this worker closes or has lost its lease. */
  abort(how: "stop" | "let-go"): void;
  /** The names of the steps that were recorded, in order. */
  readonly recorded: readonly string[];
  /** The names of the steps whose work was begun, in order, each as often as it was. */
  readonly begun: readonly string[];
  readonly messages: readonly string[];
  readonly tokens: readonly FencingToken[];
  /** Takes the environment away, as when its run has ended. */
  loseEnvironment(): void;
}

/** An attempt whose steps are recorded in memory, with the semantics of the durable one: same order, JSON, errors. */
export function inMemoryAttempt(stage: Stage, options: InMemoryOptions = {}): InMemoryAttempt {
  const run = options.run ?? runId(1);
  const job = options.job ?? stage.name;
  const id = attemptId(run, job, 1);
  const record: { readonly name: string; readonly json: string }[] = [];
  const begun: string[] = [];
  const messages: string[] = [];
  const tokens: FencingToken[] = [];
  let holds = options.holds;
  let fence = 0;
  let executions = 0;
  let abort = new AbortController();

  const execute = async (): Promise<Outcome> => {
    const execution = ++executions;
    abort = new AbortController();
    let place = 0;
    const alive = <Result>(result: Result): Result | Promise<Result> => (execution === executions ? result : never());
    const attempt = attemptIn({
      id,
      run,
      job,
      input: options.input ?? null,
      results: new Map(Object.entries(options.results ?? {})),
      signal: abort.signal,
      resumed: execution > 1,
      mayBegin: async () => alive(undefined),
      async record(name, work) {
        const known = record[place++];
        if (known !== undefined && known.name !== name)
          throw new FairwayError("internal", `step ${place} was recorded as "${known.name}" and is "${name}" now`);
        if (known !== undefined) return JSON.parse(known.json) as Recorded;
        const json = JSON.stringify(await work());
        await alive(undefined);
        record.push({ name, json });
        return JSON.parse(json) as Recorded;
      },
      async token(scope) {
        await alive(undefined);
        if (holds === undefined || scope.split("/")[0] !== holds)
          throw new FairwayError("fenced", `${id} may not act on ${scope}: its run does not hold it`);
        const token = { scope, epoch: ++fence, holder: id };
        tokens.push(token);
        return token;
      },
      progress: (message) => void messages.push(message),
      see: ({ name, state }) => void (state === "running" && begun.push(name)),
    });
    try {
      return await alive(await stage.run(attempt));
    } catch (thrown) {
      await alive(undefined);
      throw thrown;
    }
  };

  return {
    execute,
    crash: () => void executions++,
    abort: (how) =>
      abort.abort(
        how === "stop"
          ? new FairwayError("not_allowed_now", "somebody stopped the run")
          : new FairwayError("fenced", `${id} goes on elsewhere`),
      ),
    get recorded() {
      return record.map(({ name }) => name);
    },
    begun,
    messages,
    tokens,
    loseEnvironment: () => void (holds = undefined),
  };
}
