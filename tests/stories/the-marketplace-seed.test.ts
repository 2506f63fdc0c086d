import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { Client, FiringShape, Run } from "@fairway/api";
import { createClient } from "@fairway/api/client";
import type { ProjectConfig } from "@fairway/config";
import { isTerminal } from "@fairway/core";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { ociRegistry } from "@fairway/builtin";
import type { TestRegistry } from "../../tools/container-registry.mjs";
import { registryLogin, startRegistry } from "../../tools/container-registry.mjs";
import { needs } from "../../tools/skips.ts";
import type { AtGitHub } from "./support/at-github.ts";
import { atGitHub } from "./support/at-github.ts";
import type { Said } from "./support/command-line.ts";
import { commandLineWith } from "./support/command-line.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { openFairwayOn } from "./support/fairway-under-test.ts";
import { freePorts } from "./support/free-ports.ts";
import { startAhead, untilEvent } from "./support/killed-once.ts";
import { removeImagesOf } from "./support/images-of.ts";
import { until } from "./support/leak-guard.ts";
import type { Around, Version } from "./support/marketplace-seed.ts";
import type { Files } from "./support/git-project.ts";
import { marketplace, sizeOf } from "./support/marketplace-seed.ts";
import { refusal } from "./support/refusal.ts";
import { ask, fetchFrom } from "./support/requests.ts";
import type { SafeOwners } from "./support/safe-owners.ts";
import { hasSignatures, safeOwners } from "./support/safe-owners.ts";
import { assertEnded, reasonsOf, stateOf } from "./support/watch-run.ts";

// A daemon shares two cores with other suites; nothing here measures how long it takes.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const terraformAt = join(import.meta.dirname, "../../.cache/quality-tools/bin");
const minute = 60_000;
const jobLength = 20_000;
/** Who there is: ada writes and asks, the others answer. */
const people = ["ada", "toni", "sam"] as const;
type Person = (typeof people)[number];

const orders = { "0001_orders.sql": "create table orders (id bigint primary key);\n" };
const first: Version = { says: "hello", wanted: "small", migrations: orders, contracts: "first" };
const second: Version = {
  says: "welcome",
  wanted: "large",
  contracts: "second",
  migrations: { ...orders, "0002_note.sql": "alter table orders add column note text;\n" },
};
const bad: Version = { ...second, isBad: true };

interface Shown {
  readonly says: string;
  /** Whether its users see their notes, which a flag says. */
  readonly notes: boolean;
  readonly sha: string;
  readonly release: string;
  readonly columns: readonly string[];
}

// The chapters tell one story in their order, as the seed does. In each of them the daemon is killed (-9) once: whoever comes
// back finds what was begun, and people see nothing of it. What happens without a kill is told by the stories of the parts.
describe.skipIf(!needs("time"))("the deployment pipeline of the marketplace", () => {
  let fairway: Fairway;
  let hub: AtGitHub;
  /** Absent where the machine cannot have it: the rest of the story is told without. */
  let registry: TestRegistry | undefined;
  let owners: SafeOwners | undefined;
  const commits: string[] = [];
  const path = process.env["PATH"] ?? "";
  let hasTerraform = false;
  let place: string;
  const tokens = new Map<Person, string>();
  /** When the night's tests are due: soon enough for a clock that is set forward, and not before that. */
  const night = new Date(Date.now() + 40 * minute);
  const cron = `${night.getUTCMinutes()} ${night.getUTCHours()} * * *`;
  /** By how much the daemon's clock is ahead. */
  let ahead = 0;

  const as = (name: Person): Client => createClient(fairway.client.url, { token: () => tokens.get(name) ?? null });
  const cli = (name: Person, ...words: readonly string[]): Promise<Said> =>
    commandLineWith(
      { input: "", env: { FAIRWAY_TOKEN: tokens.get(name) ?? "" } },
      fairway.project.path,
      fairway.data,
      ...words,
    );
  /** Of a command that has to work. */
  async function told(name: Person, ...words: readonly string[]): Promise<string> {
    const { code, out, err } = await cli(name, ...words);
    expect([words, code, err]).toEqual([words, 0, expect.anything()]);
    return out;
  }
  async function killed(): Promise<void> {
    await fairway.kill("SIGKILL");
    await startAhead(fairway, ahead);
  }
  const around = (): Around => ({
    ...{ place, cron, forge: hub.forge, hasTerraform, owners },
    ...(registry && { registry: at(registry) }),
  });
  const filesOf = (version: Version): Files => marketplace(around(), version);
  const at = ({ host }: TestRegistry): NonNullable<ProjectConfig["registry"]> => ({
    server: `${host}/marketplace`,
    insecure: true,
    username: registryLogin.username,
    password: { secret: "REGISTRY_PASSWORD" },
  });
  async function commit(message: string, version: Version): Promise<string> {
    const sha = await hub.work.commit(message, filesOf(version));
    commits.push(sha);
    return sha;
  }
  const push = (ref: string): Promise<void> => hub.push(fairway.client, ref);
  const shown = async (host: string): Promise<Shown> => {
    const { status, body } = await fetchFrom(fairway, host);
    if (status !== 200) throw new Error(`${host}: ${status} ${body}`);
    return JSON.parse(body) as Shown;
  };
  const size = (environment: string): Promise<string> => sizeOf(around(), fairway.data, environment);

  /** The firing of a trigger that fits, once it is decided. */
  async function fired(trigger: string, fits: (firing: FiringShape) => boolean): Promise<FiringShape> {
    let found: FiringShape | undefined;
    const isDecided = async (): Promise<boolean> => {
      found = (await fairway.client.call("firings", { trigger, limit: "20" })).find(fits);
      return found !== undefined && !["pending", "waiting"].includes(found.state);
    };
    await until(isDecided, `${trigger} is decided`, 120_000);
    return found as FiringShape;
  }
  const firedFor = (trigger: string, sha: string): Promise<FiringShape> =>
    fired(trigger, (firing) => firing.sha === sha);
  /** The deployment that a firing has led to, once there is one. */
  async function deploymentOf({ run }: FiringShape): Promise<Run> {
    const begun = await fairway.client.call("run", { run: run ?? "" });
    if (begun.kind === "deployment") return begun;
    const [next = ""] = (await fairway.runUntil(begun, ({ next }) => next.length > 0)).next;
    return fairway.client.call("run", { run: next });
  }
  const approve = (name: Person, run: Run): Promise<Run> =>
    as(name).call("approve", { run: run.id, by: name, answer: "yes", digest: run.approval?.digest ?? "" });
  /**
   * Says yes to all that a run asks, as long as it asks: before it moves, and to what it would change of the infrastructure.
   */
  async function approved(run: { readonly id: string }): Promise<Run> {
    let last = await fairway.settled(run);
    while (last.approval !== null && !isTerminal(last.state)) {
      const { digest } = last.approval;
      for (const name of ["toni", "sam"] as const) await approve(name, last);
      await fairway.runUntil(last, ({ state, approval }) => isTerminal(state) || approval?.digest !== digest);
      last = await fairway.settled(run);
    }
    return last;
  }
  /**
   * The owners of the contracts say yes to what a run asks of them; with a kill between the two, and nothing is lost of the
   * first.
   */
  async function signed(run: { readonly id: string }, between?: () => Promise<void>): Promise<void> {
    if (owners === undefined) return between?.();
    await fairway.runUntil(run, hasSignatures("market", 0));
    await owners.sign(0);
    await between?.();
    await fairway.runUntil(run, hasSignatures("market", 1));
    await owners.sign(1);
  }
  const implementation = async (): Promise<string | null | undefined> => {
    const { services } = await fairway.client.call("contracts", { environment: "production" });
    return services[0]?.versions[0]?.contracts.find(({ name }) => name === "market")?.implementation;
  };
  async function tagged(tag: string, sha: string): Promise<Run> {
    await hub.work.git("tag", tag, sha);
    await push(`refs/tags/${tag}`);
    const firing = await firedFor("production", sha);
    expect([firing.state, firing.ref]).toEqual(["started", `refs/tags/${tag}`]);
    return fairway.settled(await deploymentOf(firing));
  }

  beforeAll(async () => {
    place = await mkdtemp(join(tmpdir(), "fairway-world-"));
    hub = await atGitHub();
    hasTerraform = needs("terraform");
    if (hasTerraform) process.env["PATH"] = [path, terraformAt].join(delimiter);
    if (needs("podman", "registry")) registry = await startRegistry({ login: true });
    if (needs("anvil")) owners = await safeOwners();
    const begun = await commit("Begin", first);
    await hub.work.git("push", "--quiet", "origin", "main");
    const project = await hub.clone();
    await writeFile(join(hub.place, "data/secrets/build.env"), `REGISTRY_PASSWORD=${registryLogin.password}\n`, {
      mode: 0o600,
    });
    const engine = registry === undefined ? {} : { containerEngine: "podman" as const };
    // What runs asks the daemon for its flags, which therefore listens at the same port again.
    const [port] = await freePorts();
    fairway = await openFairwayOn(project, hub.place, { port, allowPrivate: "127.0.0.1", ...engine });
    // The first look remembers what is there, and starts nothing.
    await until(
      async () => hub.github.requests.some(({ path }) => path.includes("/pulls")),
      "GitHub was looked at",
      60_000,
    );
    for (const name of people) {
      const password = `four words of ${name}'s`;
      await fairway.client.call("addPerson", { name, password, email: `${name}@example.invalid`, role: "admin" });
      const { token } = await fairway.client.call("login", { name, password });
      tokens.set(name, token ?? "");
      if (name === "ada") fairway.actAs(token);
    }
    await told("ada", "flags", "set", "production", "notes", "--reason", "nobody sees notes yet");
    // What was there before the story: the first release, in both places.
    assertEnded(await fairway.settled(await as("ada").call("makeRelease", { ref: begun, by: "ada" })), "succeeded");
    const staged = await as("ada").call("deploy", { environment: "staging", release: "r1", by: "ada" });
    assertEnded(await fairway.settled(staged), "succeeded");
    if (owners !== undefined) {
      const value = owners.password;
      await as("ada").call("setSecret", { name: "PROPOSER", environment: "production", value, by: "ada" });
    }
    const moved = await tagged("v1", begun);
    assertEnded((await Promise.all([approved(moved), signed(moved)]))[0], "succeeded");
  });
  afterAll(async () => {
    await fairway?.end();
    await hub?.close();
    await owners?.close();
    process.env["PATH"] = path;
    if (registry !== undefined) for (const sha of commits) removeImagesOf(sha);
    await registry?.stop();
    await rm(place, { recursive: true, force: true });
  });

  let merged: string;
  /** The release of what was merged. */
  let release: string;
  let firstContracts: string | null | undefined;

  test("Environments, development: a pull request has a preview with a database of its own, until it is merged", async () => {
    const { git } = hub.work;
    await git("checkout", "--quiet", "-b", "notes");
    const draft = await commit("Keep notes", { ...second, says: "draft" });
    await hub.pull(fairway.client, 7, "opened");
    const host = "pr-7.fairway.localhost";
    const answers = (sha: string): Promise<void> =>
      until(async () => (await shown(host).catch(() => null))?.sha === sha, `${sha} answers`, 150_000);
    await answers(draft);
    expect(await shown(host)).toMatchObject({ says: "draft", columns: ["id", "note"] });
    expect((await shown("shop.localhost")).columns).toEqual(["id"]);

    const sha = await commit("Say it well", second);
    await hub.pull(fairway.client, 7, "synchronize");
    const isSeen = async (): Promise<boolean> =>
      (await fairway.client.call("preview", { preview: "pr-7" })).sha === sha;
    await until(isSeen, "the push is seen", 60_000);
    await killed();
    await answers(sha);
    // Whoever reads the pull request sees what came of it, once: where it runs, and what it would do to the infrastructure.
    const statuses = { "fairway/preview": "success", "fairway/infrastructure staging/cloud": "success" };
    const isTold = (): boolean =>
      contains(hub.statusesOf(sha), statuses) &&
      comments().includes(`http://${host}`) &&
      // As Terraform says it, or the command.
      /input: "?small"? → "?large"?|small becomes large/u.test(comments());
    await until(isTold, "GitHub was told of the commit", 120_000);

    await git("checkout", "--quiet", "main");
    await git("merge", "--quiet", "--no-ff", "--message=Merge notes", "notes");
    merged = await git("rev-parse", "HEAD");
    await push("refs/heads/main");
    await hub.pull(fairway.client, 7, "closed");
    const hasEnded = async (): Promise<boolean> =>
      (await fairway.client.call("preview", { preview: "pr-7" })).standing === "ended";
    await until(hasEnded, "the preview has ended", 120_000);
    expect((await fetchFrom(fairway, host)).status).toBe(404);
  });
  const comments = (): string => (hub.github.made["comments"] ?? []).map(({ body }) => String(body)).join("\n");
  const contains = (all: Readonly<Record<string, unknown>>, some: Readonly<Record<string, unknown>>): boolean =>
    Object.entries(some).every(([name, state]) => all[name] === state);

  /** The gateway runs from the image that was pushed once, under the commit that brought it. */
  async function assertPulled(): Promise<void> {
    if (registry === undefined) return;
    const { parts } = await fairway.client.call("release", { release });
    const gateway = parts.find(({ service }) => service === "gateway");
    expect(gateway?.image).toBe(`${registry.host}/marketplace/gateway`);
    const short = await hub.work.git("rev-parse", "--short", commits[0] ?? "");
    const kept = ociRegistry({ host: registry.host, insecure: true, ca: null, login: registryLogin });
    expect(await kept.digestOf("marketplace/gateway", short)).toBe(gateway?.artifact);
    expect(await ask(fairway, "gateway.staging.localhost")).toMatchObject({ says: "gateway", release, sha: merged });
  }

  const production = async () => (await fairway.status()).environments.find(({ name }) => name === "production");

  const jobs = async (): Promise<readonly string[]> =>
    (await readFile(join(place, "jobs"), "utf8"))
      .trim()
      .split("\n")
      .map((line) => line.replace(/ \d+$/u, ""));

  test("Deployment strategy: what is merged goes to staging, and a job of 20 s outlives the switch and the daemon", async () => {
    // A job of the release that is there, begun before the new one comes.
    const [old] = await fairway.replicas("staging", "inference");
    const firing = await firedFor("staging", merged);
    expect([firing.state, firing.cause]).toEqual(["started", "push"]);
    const run = await deploymentOf(firing);
    expect(await (await fetch(`http://${old?.address}/jobs?ms=${jobLength}`)).json()).toMatchObject({ open: 1 });
    await fairway.runUntil(run, (now) => stateOf(now, "rollout:inference") === "running");
    await killed();
    const ended = await fairway.settled(run);
    assertEnded(ended, "succeeded");
    release = ended.release ?? "";
    // The old replica was told to end after its job had, and not before.
    expect((await jobs()).slice(-3)).toEqual(["began r1", "ended r1", "told to end r1"]);
    for (const job of ["apply:cloud", "migrate:web", "rollout:inference", "rollout:web", "verify"])
      expect([job, stateOf(ended, job)]).toEqual([job, "succeeded"]);
    expect(await size("staging")).toBe("large");
    expect(await shown("web.staging.localhost")).toMatchObject({
      says: "welcome",
      sha: merged,
      columns: ["id", "note"],
    });
    await assertPulled();
    // Its tree is that of the pull request's last commit, whose services were checked and built once.
    const made = await fairway.client.call("runs", { kind: "release", text: "Say it well" });
    const checked = await fairway.client.call("run", { run: made[0]?.id ?? "" });
    for (const job of ["check:inference/lint", "check:web/lint", "check:web/test", "check:web/migrations"])
      expect([job, stateOf(checked, job)]).toEqual([job, "succeeded"]);
    await until(
      () =>
        contains(hub.statusesOf(merged), { "fairway/release": "success" }) &&
        contains(hub.deploymentsOf(merged), { staging: "success" }),
      "GitHub was told of the merge",
      60_000,
    );
    expect(hub.deploymentsOf(merged)).not.toHaveProperty("production");
    // Production knows nothing of it.
    expect(await shown("shop.localhost")).toMatchObject({ says: "hello", release: "r1" });
    const results = await fairway.client.call("checkResults", { environment: "staging", release });
    expect(results.map(({ name, occasion, status }) => `${name} ${occasion} ${status}`)).toEqual([
      "market deployment passed",
      "runs deployment passed",
    ]);
  });

  test("Environments, staging: at night all is asked again by itself, once, though nobody was there at the time", async () => {
    ahead = 41 * minute;
    await killed();
    const firing = await fired("nightly", ({ cause }) => cause === "schedule");
    expect(firing.state).toBe("started");
    await untilEvent(fairway, { id: firing.run ?? "" }, () => true);
    await killed();
    const run = await fairway.settled({ id: firing.run ?? "" });
    expect(run).toMatchObject({ kind: "verification", environment: "staging", release, state: "succeeded" });
    expect((await fairway.client.call("firings", { trigger: "nightly", limit: "20" })).length).toBe(1);
  });

  /** The daemon dies once a job of a run is under way, and the run comes to its end all the same. */
  async function killedAt(run: Run, job: string): Promise<Run> {
    await fairway.runUntil(run, (now) => stateOf(now, job) === "running");
    await killed();
    return fairway.settled(run);
  }

  test("Environments, production: a tag asks two people who have not written it, then the owners of its contracts, and only then it moves", async () => {
    const asked = await tagged("v2", merged);
    expect(asked).toMatchObject({ state: "waiting", release, approval: { needed: 2, given: [] } });
    expect(await refusal(approve("ada", asked))).toMatchObject({
      code: "not_allowed_now",
      message: expect.stringContaining("ada wrote commits of it") as string,
    });
    await approve("toni", asked);
    await killed();
    const half = await fairway.settled(asked);
    expect(half).toMatchObject({ state: "waiting", approval: { needed: 2, digest: asked.approval?.digest } });
    expect(half.approval?.given.map(({ by }) => by)).toEqual(["toni"]);
    expect(await shown("shop.localhost")).toMatchObject({ says: "hello", release: "r1" });
    await approve("sam", half);
    await fairway.runUntil(
      half,
      ({ approval, state }) => isTerminal(state) || approval?.digest !== half.approval?.digest,
    );
    firstContracts = await implementation();
    const moving = approved(half).catch(() => null);
    if (owners === undefined) await killedAt(half, "rollout:web");
    else await signed(half, killed);
    await moving;
    assertEnded(await fairway.settled(half), "succeeded");
    // The contracts' owners were asked once for each release, and what runs is another one now.
    const isAsBefore = owners !== undefined && (await implementation()) === firstContracts;
    expect([owners?.asked ?? 2, isAsBefore]).toEqual([2, false]);
    expect(await shown("shop.localhost")).toMatchObject({ says: "welcome", sha: merged, columns: ["id", "note"] });
    expect(await size("production")).toBe("large");
  });

  test("Deployment strategy, feature flags: what is there is shown by a flag, which outlives the daemon and is switched off at once", async () => {
    const deployed = await production();
    expect(await shown("shop.localhost")).toMatchObject({ notes: false, release });
    await told("sam", "flags", "rollout", "production", "notes", "100%");
    expect(await shown("shop.localhost")).toMatchObject({ notes: true, release });
    await killed();
    expect(await shown("shop.localhost")).toMatchObject({ notes: true, release });
    await told("toni", "flags", "kill", "notes", "--reason", "they are slow");
    expect(await shown("shop.localhost")).toMatchObject({ notes: false, release });
    // Nothing was deployed for it, and the release says how the flags stood when it was made.
    expect((await production())?.current).toEqual(deployed?.current);
    const changes = await told("sam", "flags", "history", "production", "notes");
    for (const words of [/ada +create/u, /sam +rollout/u, /toni +kill/u]) expect(changes).toMatch(words);
    const { flags } = await fairway.client.call("release", { release });
    expect(flags).toMatch(/^sha256:/u);
  });

  let worse: string;

  test("Testing automation: a bad release is found by its journey while it bakes, and the one before is brought back", async () => {
    const sha = await commit("Greet otherwise", bad);
    await push("refs/heads/main");
    const staged = await fairway.settled(await deploymentOf(await firedFor("staging", sha)));
    assertEnded(staged, "succeeded");
    worse = staged.release ?? "";
    const asked = await tagged("v3", sha);
    for (const name of ["toni", "sam"] as const) await approve(name, asked);
    const ended = await killedAt(asked, "bake");
    assertEnded(ended, "failed");
    expect(reasonsOf(ended)).toContain("the journey shopping failed 2 times in a row");
    expect(ended.outcome).toMatchObject({ outcome: "rolled-back" });
    expect(await shown("shop.localhost")).toMatchObject({ says: "welcome", sha: merged, release });
    expect(await production()).toMatchObject({ current: { release } });
    const made = await fairway.client.call("checkResults", { environment: "production", release: worse });
    expect(made.filter(({ occasion, status }) => occasion === "bake" && status === "failed").length).toBeGreaterThan(1);
    // What it was left for keeps it away, from both places.
    for (const environment of ["staging", "production"])
      expect(await refusal(as("sam").call("deploy", { environment, release: worse, by: "sam" }))).toMatchObject({
        code: "quarantined",
        message: expect.stringContaining("the journey shopping failed 2 times in a row") as string,
      });
  });

  test("Rollback procedure: all of a release goes back with a word on its database, and stays away", async () => {
    const { parts, quarantines } = await fairway.client.call("rollbackPlan", { environment: "production" });
    expect(quarantines).toBe(release);
    const kinds = parts.map(({ name, kind }) => `${kind} ${name}`);
    for (const part of ["service web", "service inference", "database web"]) expect(kinds).toContain(part);
    expect(kinds.at(-1)).toBe("infrastructure infrastructure");
    expect(parts.find(({ kind }) => kind === "database")).toMatchObject({
      way: "irreversible",
      note: "it stays as it is, and r1 goes on with it: 0002_note",
    });
    const back = await as("toni").call("rollback", {
      environment: "production",
      release: null,
      only: null,
      by: "toni",
    });
    if (owners === undefined) await killedAt(back, "rollout:web");
    else await signed(back, killed);
    assertEnded(await fairway.settled(back), "succeeded");
    expect([owners?.asked ?? 3, await implementation()]).toEqual([3, firstContracts]);
    // The column that came stays: what runs does not mind it.
    expect(await shown("shop.localhost")).toMatchObject({ says: "hello", release: "r1", columns: ["id", "note"] });
    expect(await size("production")).toBe("small");
    for (const environment of ["production", "staging"])
      expect(await refusal(as("sam").call("deploy", { environment, release, by: "sam" }))).toMatchObject({
        code: "quarantined",
        message: expect.stringContaining("production was rolled back to r1") as string,
      });
    expect(await told("sam", "quarantine", "list")).toContain(release);
  });

  test("What is taken away of a release verifies where nothing of it runs, and not when a bit of it is another one", async () => {
    const bundle = join(place, "release.zip");
    await told("sam", "evidence", "export", release, bundle);
    await fairway.kill("SIGKILL");
    expect(await told("sam", "verify", bundle)).toContain(`the bundle of ${release} is whole`);
    const bytes = await readFile(bundle);
    const at = bytes.length >> 1;
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
    await writeFile(bundle, bytes);
    expect((await cli("sam", "verify", bundle)).code).not.toBe(0);
  });
});
