import { join } from "node:path";
import type { AttemptId, RunId } from "@fairway/core";

/** Where everything of one daemon is kept. One file knows the layout, so that backup and documentation can rely on it. */
export interface DataDirectory {
  readonly root: string;
  readonly artifacts: string;
  readonly database: string;
  /** Backups of it, each whole in a directory. */
  readonly backups: string;
  /** What Turborepo, Nx and actions save for later runs. */
  readonly caches: string;
  readonly replicas: string;
  /** Like replicas, of those that are containers. */
  readonly containers: string;
  readonly router: string;
  /** Where people put the values of secrets: `<environment>.env`. */
  readonly secrets: string;
  /** Where people put certificates for the router: `<host>.crt` and `<host>.key`. */
  readonly certificates: string;
  /** What releases are signed with. */
  readonly signing: string;
  /** Left by a restore for the next daemon: the audit was rightly taken back. */
  readonly restoredMark: string;
  /** One line for each request, when that is asked for. */
  readonly accessLog: string;
  /** Who the daemon is: pid, start time, address. */
  readonly daemonFile: string;
  readonly daemonLog: string;
  /** What a service keeps across releases. */
  serviceState(environment: string, service: string): string;
  /** The checkout in which one service of one run is prepared, checked and built. */
  workspace(run: RunId, service: string): string;
  workspaces(run: RunId): string;
  /** What the commands of one step leave: their log, and the record by which a new daemon finds them. */
  step(attempt: AttemptId, step: string): string;
  /** What one check of what runs has left: screenshots, HARs. */
  checkFiles(result: number): string;
  readonly checks: string;
  /** What journeys that are being made have written so far, with secrets; nothing of it outlives the daemon. */
  readonly checkTurns: string;
  /** All steps of one attempt. */
  attempt(attempt: AttemptId): string;
  readonly steps: string;
}

export function dataDirectory(root: string): DataDirectory {
  const attemptDirectory = (attempt: AttemptId): string => join(root, "steps", ...partsOf(attempt).map(fileName));
  return {
    root,
    artifacts: join(root, "artifacts"),
    database: join(root, "database"),
    backups: join(root, "backups"),
    caches: join(root, "caches"),
    replicas: join(root, "replicas"),
    containers: join(root, "containers"),
    router: join(root, "router"),
    secrets: join(root, "secrets"),
    certificates: join(root, "certificates"),
    signing: join(root, "signing"),
    restoredMark: join(root, "restored"),
    accessLog: join(root, "access.log"),
    daemonFile: join(root, "daemon.json"),
    daemonLog: join(root, "daemon.log"),
    serviceState: (environment, service) => join(root, "state", environment, service),
    workspace: (run, service) => join(root, "work", run, service),
    workspaces: (run) => join(root, "work", run),
    steps: join(root, "steps"),
    checks: join(root, "checks"),
    checkTurns: join(root, "checks", "turns"),
    checkFiles: (result) => join(root, "checks", String(result)),
    attempt: attemptDirectory,
    step: (attempt, step) => join(attemptDirectory(attempt), fileName(step)),
  };
}

/** Run, job and number of an attempt; the job's name may itself hold slashes. */
const partsOf = (attempt: AttemptId): readonly [string, string, string] => {
  const [first, last] = [attempt.indexOf("/"), attempt.lastIndexOf("/")];
  return [attempt.slice(0, first), attempt.slice(first + 1, last), attempt.slice(last + 1)];
};

/** Names of jobs and steps are ours but contain `:` and `/`; as one path component they keep to what every system takes. */
const fileName = (name: string): string => name.replaceAll(/[^A-Za-z0-9._-]/g, "_");
