import { mkdtemp, readFile, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { EventShape, Run, Status } from "@fairway/api";
import { createClient } from "@fairway/api/client";
import { isTerminal } from "@fairway/core";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { FreshDatabase } from "../../packages/engine/src/database/test-database.ts";
import { freshDatabase } from "../../packages/engine/src/database/test-database.ts";
import { freePorts } from "../stories/support/free-ports.ts";
import type { DaemonPlace, KillableDaemon } from "./killable-daemon.ts";
import { killDatabase, startKillableDaemon } from "./killable-daemon.ts";
import { seededKills } from "./kept-seeds.ts";
import type { Operator } from "./operator.ts";
import { operator } from "./operator.ts";
import { processesOf } from "./processes-of.ts";
import { seededRandom } from "./seeded-random.ts";
import type { SmallProject } from "./small-project.ts";
import { expectedEffects, expectedWorkflowEffects, hosts, smallProject } from "./small-project.ts";
import type { Load } from "./steady-load.ts";
import { steadyLoad } from "./steady-load.ts";

const times = Number(process.env["FAIRWAY_KILLS"] ?? 2);
/** On a PostgreSQL of the team's, which nobody kills. */
const timesOnPostgresql = Number(process.env["FAIRWAY_KILLS_ON_POSTGRESQL"] ?? 1);
/** Under a heavy load a step may take long; past this nothing moves. */
const moveWithin = 180_000;

let folder: string;
let daemon: KillableDaemon | undefined;
let load: Load | undefined;
let database: FreshDatabase | undefined;

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "fairway-chaos-")));
});

afterEach(async () => {
  await load?.stop();
  await daemon?.kill();
  for (const { pid } of processesOf(folder)) end(pid);
  await database?.drop();
  database = undefined;
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

/** Its parent may have ended it meanwhile. */
function end(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== "ESRCH") throw thrown;
  }
}

/** What is killed in a round, and when. */
interface Blow {
  readonly victim: "daemon" | "database" | "both";
  /** While the daemon starts, so many ms after its start; or after so many events and then so many ms. */
  readonly moment: { readonly starting: number } | { readonly events: number; readonly later: number };
}

function drawBlow(random: () => number, own: boolean): Blow {
  const one = random();
  const victim = !own || one < 0.75 ? "daemon" : one < 0.87 ? "both" : "database";
  if (victim === "daemon" && random() < 0.2) return { victim, moment: { starting: Math.round(random() * 900) } };
  return { victim, moment: { events: 1 + Math.floor(random() * 30), later: Math.round(random() * 60) } };
}

interface Interrupted {
  readonly runs: readonly string[];
  readonly at: number;
}

test.each(seededKills("deployment", times))(
  "$kills kill -9 of daemon and database during releases, deployments and workflows lose, repeat and interrupt nothing (seed $seed)",
  ({ kills, seed }) => killAndLook(kills, seed, "embedded"),
  720_000 + times * 20_000,
);

test.each(seededKills("deployment", timesOnPostgresql))(
  "so do $kills of a daemon on a PostgreSQL of the team's (seed $seed)",
  ({ kills, seed }) => killAndLook(kills, seed, "team"),
  720_000 + timesOnPostgresql * 20_000,
);

async function killAndLook(kills: number, seed: number, on: "embedded" | "team"): Promise<void> {
  if (on === "team") database = await freshDatabase();
  const random = seededRandom(seed);
  const project = await smallProject(folder);
  const [port, routerPort, internalPort] = await freePorts();
  const place: DaemonPlace = {
    data: join(folder, "data"),
    repository: project.repository,
    port,
    routerPort,
    internalPort,
    ...(database === undefined ? {} : { databaseUrl: database.connectionString }),
  };
  const traffic = (load = steadyLoad(routerPort));
  const person = operator(project, random, (event) => loadWhereDeployed(traffic, event));
  const blows: Blow[] = [];
  const resumed: number[] = [];
  let interrupted: Interrupted | null = null;

  try {
    while (blows.length < kills) {
      const blow = drawBlow(random, database === undefined);
      blows.push(blow);
      daemon = startKillableDaemon(place);
      if ("starting" in blow.moment) {
        await wait(blow.moment.starting);
        await daemon.kill();
        continue;
      }
      const url = await daemon.ready;
      const answeredAt = Date.now();
      const leave = new AbortController();
      const sign = interrupted && signOf(person, interrupted);
      const working = person.work(url, leave.signal);
      const enough = countEvents(person, blow.moment.events);
      if (sign)
        resumed.push(
          Math.max(
            0,
            (await inTime(Promise.race([sign, working.then(() => sign)]), "the interrupted runs")) - answeredAt,
          ),
        );
      await inTime(Promise.race([enough, working.then(() => enough)]), `${blow.moment.events} events`);
      await wait(blow.moment.later);
      if (blow.victim !== "daemon") killDatabase(place.data);
      if (blow.victim !== "database") {
        // Who is in the middle of something must be seen to go on.
        const runs = movingIn(person);
        interrupted = runs.length === 0 ? null : { runs, at: Date.now() };
        leave.abort();
        await daemon.kill();
      } else {
        // The daemon brings it back and goes on by itself.
        await inTime(
          person.next(({ kind }) => kind === "job.changed" || kind === "run.changed"),
          "life after the database was killed",
        );
        leave.abort();
        interrupted = null;
        await daemon.kill();
      }
      await working;
    }

    daemon = startKillableDaemon(place);
    const url = await daemon.ready;
    const leave = new AbortController();
    const finished = person.finish();
    const working = person.work(url, leave.signal);
    await Promise.race([finished, working.then(() => finished)]);
    await createClient(url).call("status", {});
    leave.abort();
    await working;
    await traffic.stop();

    const slowest = Math.max(0, ...resumed);
    process.stdout.write(
      `${kills} kills, ${person.acknowledged.size} runs acknowledged, ${person.events.length} events, slowest to resume ${slowest} ms; ` +
        `${traffic.requests} requests, ${traffic.failures.length} failed, answered by ${traffic.releases.size} releases\n`,
    );
    await expectNothingLost(url, person);
    await expectNothingTwice(url, person, project);
    await expectOneRelease(url);
    expect(traffic.failures).toEqual([]);
    // How long a run takes to be resumed is a figure; a busy machine makes it long. That it is resumed is not.
    expect(slowest).toBeLessThanOrEqual(moveWithin);
    await createClient(url).call("shutdown", {});
    await daemon.gone;
    daemon = undefined;
    expect(processesOf(folder)).toEqual([]);
  } catch (thrown) {
    const told = person.events
      .slice(-8)
      .map(({ at, kind, subject, body }) => `${at} ${kind} ${subject} ${JSON.stringify(body)}`);
    process.stdout.write(
      [
        `seed ${seed}, ${blows.length} blows, the last: ${JSON.stringify(blows.slice(-3))}`,
        ...told,
        await endOfLog(place),
        "",
      ].join("\n"),
    );
    throw thrown;
  }
}

/** Once the first of an environment's deployments is through, its hosts are asked until the end. */
function loadWhereDeployed(traffic: Load, { kind, body }: EventShape): void {
  if (kind !== "deployment.changed" || body["outcome"] !== "deployed") return;
  for (const host of hosts[String(body["environment"])] ?? []) traffic.add(host);
}

async function countEvents(person: Operator, count: number): Promise<void> {
  let seen = 0;
  await person.next(() => ++seen >= count);
}

/** The runs that are under way, as their events told; one that waits for an approval does not move by itself. */
function movingIn({ events }: Operator): readonly string[] {
  const states = new Map<string, string>();
  for (const { kind, subject, body } of events)
    if (kind === "run.changed" && typeof body["state"] === "string") states.set(subject, body["state"]);
  return [...states].filter(([, state]) => state === "running").map(([run]) => run);
}

/** When one of the interrupted runs first did something again; when all had ended before, as is heard only now, at once. */
async function signOf(person: Operator, { runs, at }: Interrupted): Promise<number> {
  const open = new Set(runs);
  const event = await person.next(({ kind, subject, body, at: time }) => {
    if (!open.has(subject)) return false;
    if (Date.parse(time) > at) return true;
    if (kind === "run.changed" && body["state"] !== undefined && body["state"] !== "running") open.delete(subject);
    return open.size === 0;
  });
  return Date.parse(event.at);
}

async function inTime<Result>(wanted: Promise<Result>, what: string): Promise<Result> {
  const late = wait(moveWithin, undefined, { ref: false }).then(() => {
    throw new Error(`waited ${moveWithin / 1000} s for ${what}`);
  });
  return Promise.race([wanted, late]);
}

/** Every run that the API gave is there and has ended well, and the events of no run are missing. */
async function expectNothingLost(url: string, person: Operator): Promise<void> {
  const client = createClient(url);
  for (const id of person.acknowledged) {
    const run = await client.call("run", { run: id });
    expect(isTerminal(run.state), `${id} has not ended`).toBe(true);
    expect(run.state, `${id} ${run.title}: ${reasonsOf(run)}`).toBe("succeeded");
  }
  const seqs = person.events.map(({ seq }) => seq);
  expect(seqs, "an event was told twice or out of order").toEqual([...new Set(seqs)].toSorted((a, b) => a - b));
}

/** Nothing that was done once for a run, a release or a deployment was done again. */
async function expectNothingTwice(url: string, { events }: Operator, project: SmallProject): Promise<void> {
  const client = createClient(url);
  const runs = await client.call("runs", { limit: 500 });
  const details = await Promise.all(runs.map(({ id }) => client.call("run", { run: id })));
  expect(
    details
      .filter(({ state }) => state !== "succeeded")
      .map((run) => `${run.id} ${run.title} ${run.state}: ${reasonsOf(run)}`),
  ).toEqual([]);

  const effects = await project.effects();
  for (const { id } of runs.filter(({ kind }) => kind === "workflow")) {
    const written = effects.filter(({ service, sha }) => service === "workflow" && sha === numberOf(id));
    expect(
      written.map(({ what }) => what),
      `${id}`,
    ).toEqual(expectedWorkflowEffects);
  }
  for (const sha of new Set(effects.filter(({ service }) => service !== "workflow").map((effect) => effect.sha)))
    for (const service of ["api", "web"])
      expect(
        effects.filter((effect) => effect.sha === sha && effect.service === service).map(({ what }) => what),
        `${service} at ${sha}`,
      ).toEqual(expectedEffects);

  const releases = await client.call("releases", { limit: 500 });
  const numbers = releases.map(({ id }) => id).toReversed();
  expect(numbers).toEqual(numbers.map((_, index) => `r${index + 1}`));
  expect(new Set(releases.map(({ revision }) => revision.sha)).size).toBe(releases.length);

  for (const { id, kind } of runs) {
    const told = events.filter(
      (event) => event.subject === id && (event.kind === "run.created" || event.kind === "deployment.changed"),
    );
    const expected = kind === "deployment" ? ["created", "begun", "deployed"] : ["created"];
    expect(
      told.map((event) => (event.kind === "run.created" ? "created" : (event.body["outcome"] ?? "begun"))),
      `${id}`,
    ).toEqual(expected);
  }
  expect(events.filter(({ kind }) => kind === "release.created")).toHaveLength(releases.length);
}

/** As GitHub's `run_id`, a number. */
const numberOf = (run: string): string => run.slice(run.indexOf("-") + 1);

const reasonsOf = ({ jobs }: Run): string =>
  jobs.flatMap(({ name, reason }) => (reason === null ? [] : [`${name}: ${reason}`])).join("; ");

/** Every environment runs its release and nothing of another, and no process of a replica is without its record. */
async function expectOneRelease(url: string): Promise<void> {
  const status: Status = await createClient(url).call("status", {});
  const replicas = status.environments.flatMap((environment) =>
    environment.services.flatMap((service) => {
      const where = `${environment.name}/${service.name}`;
      expect(service.ready, `${where} ready`).toBe(service.desired);
      const releases = service.replicas.map(({ release }) => release);
      expect(releases, `${where}`).toEqual(Array.from({ length: service.desired }, () => environment.current?.release));
      return service.replicas.map(({ name }) => join(folder, "data", "replicas", name));
    }),
  );
  expect(replicas.length).toBeGreaterThan(0);
  const found = processesOf(folder);
  expect(new Set(found.flatMap(({ replica }) => replica ?? [])), "processes of replicas").toEqual(new Set(replicas));
  const others = found.filter(
    ({ replica, command }) =>
      replica === null && !/apps\/(server|router)\/dist|postgres| cat-file --batch $/.test(command),
  );
  expect(others, "processes of nobody").toEqual([]);
}

async function endOfLog({ data }: DaemonPlace): Promise<string> {
  return (await readFile(join(data, "daemon.log"), "utf8").catch(() => "")).split("\n").slice(-30).join("\n");
}
