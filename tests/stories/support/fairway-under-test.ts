import { mkdtemp, readFile, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Client, Run, Status } from "@fairway/api";
import { createClient } from "@fairway/api/client";
import { messageOf } from "@fairway/core";
import type { DaemonOptions, RunningDaemon } from "@fairway/server";
import { startDaemon } from "@fairway/server/start-daemon";
import type { Files, GitProject } from "./git-project.ts";
import { gitProject } from "./git-project.ts";
import { assertRefused, endWhatIsLeft, isAlive, processesOf, until } from "./leak-guard.ts";
import { untilRun, untilSettled } from "./watch-run.ts";

/** A real daemon over a fresh project, as people would have it on their machine. */
export interface Fairway {
  /** A directory that is gone after the story; project and data are in it. */
  readonly place: string;
  readonly data: string;
  readonly project: GitProject;
  readonly client: Client;
  readonly pid: number;
  /** From now on the story shows this token, or none. */
  actAs(token: string | null): void;
  /** Where the router carries public traffic. */
  readonly router: { readonly host: string; readonly port: number };
  status(): Promise<Status>;
  /** Asks for a release of a ref and waits until its run, and every run that it started, has settled. Gives the last. */
  release(ref?: string): Promise<Run>;
  /** Commits, and releases the commit. */
  ship(message: string, files?: Files): Promise<Run>;
  /** Promotes, and waits until it has settled: ended, or waiting for a person. */
  promote(environment?: string): Promise<Run>;
  /** Says yes to what a run asks, and waits until it has settled. */
  approve(run: Run): Promise<Run>;
  settled(run: { readonly id: string }): Promise<Run>;
  runUntil(run: { readonly id: string }, fits: (run: Run) => boolean): Promise<Run>;
  /** Ends the daemon by a signal, and waits until its process is gone. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Starts a daemon on the same data directory. */
  start(over?: Partial<DaemonOptions>): Promise<void>;
  /** The replicas of a service as the daemon sees them. */
  replicas(environment?: string, service?: string): Promise<readonly ReplicaSeen[]>;
  /** Throws when the daemon is another, is not ready, or finds something wrong. */
  assertHealthy(): Promise<void>;
  /** Ends everything; throws when something is left. */
  end(): Promise<void>;
}

export type ReplicaSeen = Status["environments"][number]["services"][number]["replicas"][number];

/** Who asks in the stories. */
export const by = "ada";

/** Of the first administrator, where a daemon starts with a login. */
const passwordOfFirst = "four words of ada's";

/** How somebody becomes the first administrator of a daemon with a login; answers with their session's token. */
export type BecomeFirst = (told: {
  readonly code: string;
  readonly project: string;
  readonly data: string;
}) => Promise<string>;

/** Starts a daemon over a project whose first commit has these files. */
export async function openFairway(
  files: Files,
  over: Partial<DaemonOptions> = {},
  becomeFirst?: BecomeFirst,
): Promise<Fairway> {
  const place = await realpath(await mkdtemp(join(tmpdir(), "fairway-story-")));
  const project = await gitProject(join(place, "project"));
  await project.commit("Begin", files);
  return openFairwayOn(project, place, over, becomeFirst);
}

/** Starts a daemon over a repository that is there. */
export async function openFairwayOn(
  project: GitProject,
  place: string,
  over: Partial<DaemonOptions> = {},
  becomeFirst?: BecomeFirst,
): Promise<Fairway> {
  const data = join(place, "data");
  const listeners = new Set<string>();
  let daemon: RunningDaemon;
  let client: Client;
  let token: string | null = null;
  let router = { host: "127.0.0.1", port: 0 };

  async function start(now: Partial<DaemonOptions> = {}): Promise<void> {
    const started = await startDaemon({
      dataDirectory: data,
      repository: project.path,
      host: "127.0.0.1",
      port: 0,
      routerHost: "127.0.0.1",
      routerPort: 0,
      internalPort: 0,
      ...over,
      ...now,
    });
    daemon = started;
    client = createClient(daemon.url, { token: () => token });
    if (started.firstCode !== null) {
      const { firstCode: code } = started;
      const become = token === null ? becomeFirst : undefined;
      if (become !== undefined) token = await become({ code, project: project.path, data });
      else ({ token } = await client.call("setUp", { code, name: by, password: passwordOfFirst }));
    }
    const { routerUrl } = await client.call("status", {});
    router = { host: "127.0.0.1", port: Number(new URL(routerUrl).port) };
    for (const url of [daemon.url, routerUrl]) listeners.add(new URL(url).host);
  }

  const settled = (run: { readonly id: string }): Promise<Run> => untilSettled(client, run.id);

  async function followed(first: { readonly id: string }): Promise<Run> {
    let run = await settled(first);
    for (const next of run.next) run = await settled({ id: next });
    return run;
  }

  async function shutDown(): Promise<void> {
    if (!isAlive(daemon.pid)) await start();
    await client.call("shutdown", { keepServices: false });
    await until(() => !isAlive(daemon.pid), "the daemon has ended", 60_000);
  }

  try {
    await start();
  } catch (thrown) {
    const log = await readFile(join(data, "daemon.log"), "utf8").catch(() => "none");
    if (thrown instanceof Error) thrown.message += `\nits log: ${log.slice(-2000)}`;
    await endWhatIsLeft(place);
    await rm(place, { recursive: true, force: true, maxRetries: 5 });
    throw thrown;
  }

  return {
    place,
    data,
    project,
    get client() {
      return client;
    },
    get pid() {
      return daemon.pid;
    },
    actAs: (shown) => void (token = shown),
    get router() {
      return router;
    },
    start,
    settled,
    status: () => client.call("status", {}),
    runUntil: (run, fits) => untilRun(client, run.id, fits),
    release: async (ref = "HEAD") => followed(await client.call("makeRelease", { ref, by })),
    async ship(message, files) {
      const sha = await project.commit(message, files);
      return followed(await client.call("makeRelease", { ref: sha, by }));
    },
    promote: async (environment = "production") =>
      settled(await client.call("deploy", { environment, promote: true, by })),
    async approve(run) {
      await client.call("approve", { run: run.id, by, answer: "yes", digest: run.approval?.digest ?? "" });
      return settled(run);
    },
    async kill(signal) {
      process.kill(daemon.pid, signal);
      await until(() => !isAlive(daemon.pid), `the daemon has ended by ${signal}`, 30_000);
    },
    async replicas(environment = "staging", service = "web") {
      const { environments } = await client.call("status", {});
      const found = environments
        .find(({ name }) => name === environment)
        ?.services.find(({ name }) => name === service);
      return found?.replicas ?? [];
    },
    async assertHealthy() {
      const { pid, problems } = await client.call("status", {});
      const ready = await fetch(`${client.url}/readyz`);
      if (pid !== daemon.pid || problems.length > 0 || !ready.ok)
        throw new Error(
          `the daemon is not well: pid ${pid}, was ${daemon.pid}; ready ${ready.status}; ${problems.join("; ")}`,
        );
    },
    async end() {
      const trouble: string[] = [];
      await shutDown().catch((thrown: unknown) => trouble.push(`the daemon did not end well: ${messageOf(thrown)}`));
      for (const { pid, command } of processesOf(place)) trouble.push(`left running: ${pid} ${command}`);
      await endWhatIsLeft(place);
      for (const address of listeners)
        await assertRefused(address).catch((thrown: unknown) => trouble.push(messageOf(thrown)));
      await rm(place, { recursive: true, force: true, maxRetries: 5 });
      if (trouble.length > 0) throw new Error(trouble.join("\n"));
    },
  };
}
