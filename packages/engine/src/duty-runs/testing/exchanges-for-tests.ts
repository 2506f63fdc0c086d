import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { AttemptId, RotationRun, RunId, SecretRotator, SecretSource } from "@fairway/core";
import { localActor } from "@fairway/core";
import { dataDirectory } from "../../data-directory.ts";
import type { Recorded } from "../../runs/attempt.ts";
import { attemptIn } from "../../runs/attempt.ts";
import type { EngineUnderTest } from "../../runs/engine-for-tests.ts";
import { engineUnderTest, job, jobIs, plan, stage } from "../../runs/engine-for-tests.ts";
import type { Json, Outcome } from "../../runs/stage.ts";
import { folderKeepers } from "../../sealing/file-keepers.ts";
import { openSealer } from "../../sealing/sealer.ts";
import type { SecretControl } from "../../secrets/secret-control.ts";
import { secretControl } from "../../secrets/secret-control.ts";
import { storedSecrets } from "../../secrets/stored-secrets.ts";
import type { RotationInput } from "../duty-run-plan.ts";
import { rotationStage } from "../rotation-stage.ts";

/** Where a life ends: after the doing of a step, before or after it is on record; null for one that goes on to the end. */
export type End = { readonly step: string; readonly recorded: boolean } | null;

/** An exchange in as many lives as it takes: what one has put on record the next one finds. */
export interface Exchange {
  live(end: End): Promise<Outcome | "killed">;
  /** What is on record, in its order. */
  steps(): readonly string[];
  /** All that is on record, as it is kept. */
  kept(): string;
}

/** Exchanges of keys over a database and a store of secrets of their own. */
export interface ExchangesUnderTest {
  readonly under: EngineUnderTest;
  readonly root: string;
  readonly control: SecretControl;
  set(environment: string, name: string, value: string): Promise<unknown>;
  value(environment: string, name: string): Promise<string>;
  begin(environment: string, rotation: RotationRun): Exchange;
  close(): Promise<void>;
}

/** A store whose secrets have no functions of their own. */
const noFunctions: Omit<SecretRotator, "own"> = {
  current: async () => null,
  begin: async () => Promise.reject(new Error("it has no function")),
  isOver: async () => false,
  values: async () => ({ current: null, previous: null }),
};

/**
 * `asked`: hears by which key each deployment of a new key was asked for. `files`: what a checkout has. `own`: exchanges in a
 * store of somebody else's.
 */
export async function openExchanges({
  asked = async () => undefined,
  files = {},
  own,
}: {
  readonly asked?: (key: string) => Promise<void>;
  readonly files?: Readonly<Record<string, string>>;
  readonly own?: SecretRotator["own"];
}): Promise<ExchangesUnderTest> {
  const root = await mkdtemp(join(tmpdir(), "fairway-exchanges-"));
  const under = await engineUnderTest({ stages: [stage("roll", async () => null)] });
  const deployed = await under.engine.startRun(plan(job("roll")));
  await jobIs(under.engine, deployed, "roll", "succeeded");
  const keepers = folderKeepers(join(root, "keys"));
  await mkdir(join(root, "keys"));
  const sealer = openSealer(under.store, keepers);
  const nameSecret = (...parts: readonly string[]): string =>
    createHash("sha256").update(parts.join("/")).digest("hex");
  const control = secretControl({ store: under.store, sealer, keepers, nameSecret });
  const source: SecretSource = storedSecrets({
    ...{ sql: under.store, sealer, nameSecret },
    outside: { resolve: async (reference: string) => reference },
    files: { lookUp: async () => ({}) },
  });
  const checkout = async (_sha: string, directory: string): Promise<void> => {
    await mkdir(directory, { recursive: true });
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(directory, name)), { recursive: true });
      await writeFile(join(directory, name), text);
    }
  };
  const rotate = rotationStage({
    ...{ store: under.store, secrets: source, data: dataDirectory(root), secretControl: control },
    repository: { checkout },
    ...(own === undefined ? {} : { places: { rotator: { ...noFunctions, own } } }),
    redeploy: async ({ key }) => {
      await asked(key);
      return deployed;
    },
  });
  return {
    ...{ under, root, control },
    set: (environment, name, value) => control.set({ environment, name, value, actor: localActor("ada") }),
    value: async (environment, name) => (await source.lookUp(environment, [name]))[name] ?? "",
    begin(environment, rotation) {
      const records: { readonly name: string; readonly recorded: Recorded }[] = [];
      const duty = `credential/x@${environment}:rotate`;
      const input: RotationInput = { duty, environment, rotation, by: "ada", sha: "one" };
      return {
        steps: () => records.map(({ name }) => name),
        kept: () => JSON.stringify(records),
        live(end) {
          let die: (word: "killed") => void = () => undefined;
          const dead = new Promise<"killed">((resolve) => (die = resolve));
          const gone = (): Promise<Recorded> => {
            die("killed");
            return new Promise(() => undefined);
          };
          let place = -1;
          const attempt = attemptIn({
            ...{ id: `attempt-${environment}` as AttemptId, run: `run-${environment}` as RunId, job: "rotation" },
            ...{ input: input as unknown as Json, results: new Map(), signal: new AbortController().signal },
            resumed: records.length > 0,
            record: async (name, work) => {
              const known = records[(place += 1)];
              if (known !== undefined) {
                if (known.name !== name) throw new Error(`${name} came where ${known.name} is on record`);
                return known.recorded;
              }
              const recorded = await work();
              if (end?.step === name && !end.recorded) return gone();
              records[place] = { name, recorded: JSON.parse(JSON.stringify(recorded)) as Recorded };
              return end?.step === name ? gone() : recorded;
            },
            ...{ mayBegin: async () => undefined, progress: () => undefined, see: () => undefined },
            token: async () => Promise.reject(new Error("no token is drawn")),
          });
          return Promise.race([rotate.run(attempt), dead]);
        },
      };
    },
    async close() {
      await under.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}
