import type { Annotation, CheckRunReport, CommitStatusReport, Forge, State } from "@fairway/core";
import { isTerminal } from "@fairway/core";
import { dutyStages } from "../duty-runs/duty-run-plan.ts";
import type { RunDetail } from "../runs/engine.ts";
import type { DiffScanSubject } from "../scanning/diff-scans.ts";
import { resultsOf } from "../store/jobs.ts";
import type { Sql } from "../store/store.ts";
import type { KeyedReport } from "./reports-of-run.ts";

const name = "fairway/secrets";

/** What a scan of a push or a pull request has found, as its run keeps it. */
interface Found {
  readonly findings?: number;
  /** How many files could not be read to their end. */
  readonly unread?: number;
  readonly places?: readonly {
    readonly commit: string;
    readonly path: string;
    readonly line: number;
    readonly rule: string;
    readonly credential: string | null;
  }[];
}

const states: Readonly<Record<State, CheckRunReport["state"]>> = {
  ...{ pending: "queued", running: "in_progress", waiting: "in_progress", succeeded: "success" },
  // What nobody could look at is as little well as what was found.
  ...{ failed: "failure", errored: "failure", aborted: "cancelled" },
};

const statuses: Readonly<Record<State, CommitStatusReport["state"]>> = {
  ...{ pending: "pending", running: "pending", waiting: "pending", succeeded: "success" },
  ...{ failed: "failure", errored: "error", aborted: "error" },
};

/** The check of a commit that says whether what it adds has keys in it; a status where the forge knows no checks. */
export async function reportsOfScan(sql: Sql, run: RunDetail, takes: Forge["takes"]): Promise<readonly KeyedReport[]> {
  const subject = run.subject as Partial<DiffScanSubject> | null;
  if (run.kind !== "duty" || subject?.scan !== "diff" || subject.sha === undefined) return [];
  const { sha, fromFork = false } = subject;
  const [found = {}] = [...(await resultsOf(sql, run.id, [dutyStages.scan])).values()] as unknown as Found[];
  const { findings = 0, unread = 0, places = [] } = found ?? {};
  const title = !isTerminal(run.state)
    ? `${run.id} looks for keys`
    : run.state === "succeeded"
      ? `no key is added${lookedInto(unread)}`
      : run.state === "failed"
        ? `${findings} that ${findings === 1 ? "looks" : "look"} like a key`
        : `${run.id} could not look: ${run.state}`;
  if (!takes.has("check-run")) {
    const [first] = places;
    const description = first === undefined ? title : `${title}: ${first.path}:${first.line}`;
    const report = { kind: "status", sha, context: name, description, url: null } as const;
    return [{ key: `scan ${sha}`, report: { ...report, state: statuses[run.state] } }];
  }
  const annotations = places.map(({ commit, path, line, rule, credential }): Annotation => ({
    ...{ severity: "error", file: path, line, column: null, rule },
    message: `${whatItIs(credential, rule, fromFork)} stands here since ${commit}. Exchange it: taking it away does not make it unread.`,
  }));
  const summary = `${title}. What stands in a commit was pushed, also where a later one takes it away.`;
  return [
    {
      key: `scan ${sha}`,
      report: { kind: "check-run", sha, name, state: states[run.state], title, summary, annotations, url: null },
    },
  ];
}

/** An archive that is locked, say: nobody is to take it for one that was looked into. */
const lookedInto = (unread: number): string =>
  unread === 0 ? "" : `; ${unread === 1 ? "a file" : `${unread} files`} could not be looked into`;

/** To those who may not push here it is not told which key they have found. */
const whatItIs = (credential: string | null, rule: string, fromFork: boolean): string => {
  if (credential === null) return `Something that looks like a key (${rule})`;
  return fromFork ? "A key" : `The value of ${credential}`;
};
