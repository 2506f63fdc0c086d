import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { chanceFrom, moveToItsEnd, releaseThat, rolloutOf, targetSuite } from "@fairway/conformance";
import type {
  HostedLedger,
  NetlifyPlacement,
  Progress,
  ReleaseId,
  RollingOptions,
  Rollout,
  Target,
} from "@fairway/core";
import { codeOf, messageOf, plainFacts } from "@fairway/core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { memoryHostedLedger } from "../../fixtures/hosted-ledger.ts";
import { NetlifyDouble } from "../../fixtures/netlify/double.ts";
import { killed, unreliable } from "../../fixtures/unreliable.ts";
import { netlifyApi } from "./netlify-api.ts";
import { netlifyTarget } from "./netlify-target.ts";

const rolling: RollingOptions = { name: "rolling", minimumHealthyPercent: 100, maximumPercent: 200 };
const scope = "test/api";
const r1 = "r1" as ReleaseId;
const r2 = "r2" as ReleaseId;
// All of them: FAIRWAY_HOSTED_SCHEDULES=1000.
const schedules = Number(process.env["FAIRWAY_HOSTED_SCHEDULES"] ?? 25);

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "fairway-netlify-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** The files of a release; one is in all of them. */
function folderOf(release: string): string {
  const folder = join(root, release);
  mkdirSync(join(folder, "assets"), { recursive: true });
  writeFileSync(join(folder, "index.html"), release);
  writeFileSync(join(folder, "assets", "a logo.svg"), "<svg/>");
  return folder;
}

function targetOn(
  double: NetlifyDouble,
  ledger: HostedLedger,
  branch: string | null = null,
  outgoing = double.outgoing,
  variables = (): string => "v1",
): Target {
  const placement: NetlifyPlacement = {
    ...{
      platform: "netlify",
      api: "https://api.netlify.com/api/v1",
      token: "NETLIFY_TOKEN",
      poll: 0,
      url: null,
      pages: [],
    },
    ...{ site: "blockbuilders.netlify.app", branch },
  };
  return netlifyTarget({
    ...{ placement, scope, ledger, outgoing, looks: new Map() },
    api: netlifyApi(placement, { outgoing, secret: async () => double.token, now: () => double.now() }),
    bundleOf: async (release) => ({
      directory: folderOf(release),
      env: { GIT_SHA: "c0ffee", API_KEY: "k" },
      variables: variables(),
    }),
  });
}

for (const branch of [null, "pr-12"])
  targetSuite(
    `Netlify, ${branch === null ? "the site" : "a branch"}`,
    () => {
      const double = new NetlifyDouble();
      const ledger = memoryHostedLedger();
      return {
        target: targetOn(double, ledger, branch),
        pass: () => double.tick(),
        census: async () => {
          const desired = double.leadsTo(branch) === null ? 0 : ((await ledger.read(scope))?.desired ?? 0);
          return { alive: desired, ready: desired };
        },
        close: () => undefined,
      };
    },
    { seeds: 0 },
  );

describe("a service on Netlify", () => {
  let double: NetlifyDouble;
  let ledger: HostedLedger;
  let target: Target;
  beforeEach(() => {
    double = new NetlifyDouble();
    ledger = memoryHostedLedger();
    target = targetOn(double, ledger);
  });

  const roll = (from: ReleaseId | null, to: ReleaseId, epoch: number, more: Partial<Rollout> = {}): Rollout => ({
    ...rolloutOf({ from, to, desired: 1, strategy: rolling, epoch }),
    ...more,
  });
  const ended = (
    rollout: Rollout,
    verb: "advance" | "abort" = "advance",
    moved: Target = target,
  ): Promise<Exclude<Progress, { phase: "moving" }>> =>
    moveToItsEnd(
      { target: moved, pass: () => double.tick(), census: () => ({ alive: 0, ready: 0 }), close: () => undefined },
      rollout,
      verb,
    );

  describe("with functions", () => {
    const withFiles = (release: ReleaseId, files: Readonly<Record<string, string>>): void => {
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(folderOf(release), path)), { recursive: true });
        writeFileSync(join(folderOf(release), path), text);
      }
    };
    const hello = {
      ".netlify/functions/hello.zip": "one",
      ".netlify/functions/manifest.json":
        '{"functions":[{"name":"hello","runtime":"js","runtimeVersion":"nodejs22.x"}]}',
      ".netlify/state.json": "{}",
    };
    const f1 = "f1" as ReleaseId;
    const f2 = "f2" as ReleaseId;

    for (const branch of [null, "pr-12"])
      test(`they are sent once, on ${branch ?? "the site"}, and nothing of .netlify is a file of the site`, async () => {
        withFiles(f1, hello);
        withFiles(f2, hello);
        const moved = targetOn(double, ledger, branch);
        expect(await ended(roll(null, f1, 1), "advance", moved)).toEqual({ phase: "succeeded" });
        expect(await ended(roll(f1, f2, 2), "advance", moved)).toEqual({ phase: "succeeded" });
        expect(double.effects.filter((effect) => effect.startsWith("function"))).toEqual(["function hello"]);
        expect([...double.functions.values()]).toEqual(["nodejs22.x"]);
        const [first] = double.deploys;
        expect(Object.keys(first?.files ?? {})).toEqual(["/assets/a logo.svg", "/index.html"]);
        expect(first?.environment).toEqual({ GIT_SHA: "c0ffee", API_KEY: "k" });
      });

    test.each([
      ["netlify/functions/hello.mts", "functions that nobody bundled"],
      [".netlify/functions-internal/ssr/ssr.mjs", "functions that nobody bundled"],
      [".netlify/edge-functions/manifest.json", "edge functions"],
      ["netlify/edge-functions/a.ts", "edge functions"],
      [".netlify/blobs/deploy/page", "blobs"],
    ])("%s is refused before anything is deployed", async (path, why) => {
      const release = `bad-${path.replaceAll("/", "-")}` as ReleaseId;
      withFiles(release, { [path]: "x" });
      const end = await ended(roll(null, release, 1));
      expect(end.phase === "failed" && end.reason).toContain(why);
      expect(end.phase === "failed" && end.reason).toContain(path);
      expect(double.deploys).toEqual([]);
    });

    test("a manifest that is broken or names what is not there is refused", async () => {
      const manifest = ".netlify/functions/manifest.json";
      for (const [release, text, why] of [
        ["f3", "{", "is no JSON"],
        ["f4", '{"functions":[{"name":"gone"}]}', "names gone, whose archive is not beside it"],
      ] as const) {
        withFiles(release as ReleaseId, { [manifest]: text });
        const end = await ended(roll(null, release as ReleaseId, 1));
        expect(end.phase === "failed" && end.reason).toContain(why);
      }
    });
  });

  test("uploads what is missing, is published, and goes back to a deploy that is there", async () => {
    expect(await ended(roll(null, r1, 1))).toEqual({ phase: "succeeded" });
    expect(await ended(roll(r1, r2, 2))).toEqual({ phase: "succeeded" });
    expect(await ended(roll(r2, r1, 3))).toEqual({ phase: "succeeded" });
    expect(double.effects.toSorted()).toEqual(
      [
        ...["deploy r1", "file assets/a logo.svg", "file index.html", "published r1"],
        ...["deploy r2", "file index.html", "published r2", "published r1"],
      ].toSorted(),
    );
  });

  test("a release is deployed anew when a secret of its environment has changed, once, and says so", async () => {
    await ended(roll(null, r1, 1));
    const rotated = targetOn(double, ledger, null, double.outgoing, () => "v2");
    const again = roll(r1, r1, 2);
    expect(await rotated.advance(again, plainFacts)).toMatchObject({
      phase: "moving",
      message: "variables or secrets of this environment changed, after deploy1 was made: r1 is deployed anew",
    });
    expect(await ended(again, "advance", rotated)).toEqual({ phase: "succeeded" });
    expect(double.published).toBe("deploy2");
    expect(await ended(roll(r1, r1, 3), "advance", rotated)).toEqual({ phase: "succeeded" });
    expect(double.deploys).toHaveLength(2);
  });

  test("a preview has its branch's address, the site stays, and the end of the preview takes all of it away", async () => {
    await ended(roll(null, r1, 1));
    const preview = targetOn(double, memoryHostedLedger(), "pr-12");
    expect(await ended(roll(null, r2, 1), "advance", preview)).toEqual({ phase: "succeeded" });
    expect(await ended(roll(r2, "r3" as ReleaseId, 2), "advance", preview)).toEqual({ phase: "succeeded" });
    expect([double.releaseOf(double.leadsTo("pr-12")), double.releaseOf(double.published)]).toEqual(["r3", "r1"]);
    const end = roll(null, "r0" as ReleaseId, 3, { desired: 0, id: "the-end" as Rollout["id"], environment: "pr-12" });
    const mine = double.deploys.filter(({ branch }) => branch === "pr-12");
    expect(mine.map(({ title }) => title.startsWith("fairway test/api "))).toEqual([true, true]);
    expect(await ended({ ...end, environment: "test" }, "abort", preview)).toEqual({ phase: "succeeded" });
    expect(double.leadsTo("pr-12")).toBeNull();
  });

  test("that a release comes back with older values than those of now is told before", async () => {
    let variables = "v1";
    const rotated = targetOn(double, ledger, null, double.outgoing, () => variables);
    await ended(roll(null, r1, 1), "advance", rotated);
    await ended(roll(r1, r2, 2), "advance", rotated);
    const back = roll(r2, r1, 3);
    expect(await rotated.preflight?.(back)).toEqual({ refusals: [], warnings: [] });
    variables = "v2";
    const warnings = [
      expect.stringMatching(/^r1 comes back as deploy1, .* and some have changed since; once it is back/u),
    ];
    expect(await rotated.preflight?.(back)).toEqual({ refusals: [], warnings });
  });

  test("a site that somebody locked is refused before anything is uploaded", async () => {
    await ended(roll(null, r1, 1));
    double.isLocked = true;
    const reason = "site blockbuilders.netlify.app is locked to deploy deploy1 on Netlify: start auto publishing there";
    expect(await target.preflight?.(roll(r1, r2, 2))).toEqual({ refusals: [reason], warnings: [] });
    expect(await ended(roll(r1, r2, 2))).toEqual({ phase: "failed", reason });
    expect(double.deploys).toHaveLength(1);
  });

  test("what somebody else published meanwhile is superseded, and stays on the way back", async () => {
    await ended(roll(null, r1, 1));
    await target.advance(roll(r1, r2, 2), plainFacts);
    const hotfix = double.overtake(null);
    expect(await ended(roll(r1, r2, 2))).toMatchObject({
      phase: "failed",
      ending: "superseded",
      reason: expect.stringMatching(/^superseded: /u),
    });
    await ended(roll(r1, r2, 2), "abort");
    expect(double.published).toBe(hotfix);
  });

  /** Reaches Netlify, and lets something happen right after one question was answered. */
  const withAfter = (fits: (url: string) => boolean, happens: () => void): NetlifyDouble["outgoing"] => {
    let isOver = false;
    return {
      ...double.outgoing,
      async ask(asked) {
        const answer = await double.outgoing.ask(asked);
        if (isOver || !fits(asked.url)) return answer;
        isOver = true;
        happens();
        return answer;
      },
    };
  };

  const mine = () => double.deploys.find(({ title }) => title.includes(" r2 "));
  /** On its way back a rollout's deploy gets ready between two questions, and is not yet published when deploys are listed. */
  async function backWhileItGetsReady(rollout: Rollout): Promise<Progress> {
    for (let look = 0; look < 20 && mine()?.state !== "processing"; look++) await target.advance(rollout, plainFacts);
    const late = withAfter(
      (url) => url.endsWith("/sites/blockbuilders.netlify.app"),
      () => {
        const deploy = mine();
        if (deploy !== undefined) deploy.state = "ready";
      },
    );
    return targetOn(double, ledger, null, late).abort(rollout);
  }

  test("what gets ready while the way back looks does not stay published", async () => {
    await ended(roll(null, r1, 1));
    expect((await backWhileItGetsReady(roll(r1, r2, 2))).phase).toBe("moving");
    // Netlify publishes it now.
    double.published = mine()?.id ?? null;
    expect(await ended(roll(r1, r2, 2), "abort")).toEqual({ phase: "succeeded" });
    expect(double.releaseOf(double.published)).toBe("r1");
  });

  test("what gets ready while the way back looks is deleted where nothing was published before", async () => {
    expect(await backWhileItGetsReady(roll(null, r2, 1))).toEqual({ phase: "succeeded" });
    expect(mine()).toBeUndefined();
  });

  test("a deploy that cannot be cancelled is told, unless it got ready meanwhile", async () => {
    await ended(roll(null, r1, 1));
    const rollout = roll(r1, r2, 2);
    for (let look = 0; look < 20 && double.deploys[1]?.state !== "processing"; look++)
      await target.advance(rollout, plainFacts);
    for (const status of [403, 422]) {
      double.refusals.set("POST /deploys/", status);
      expect(await target.abort(rollout)).toMatchObject({
        phase: "failed",
        reason: expect.stringMatching(/Netlify|may not/u),
      });
    }
    const late = withAfter(
      (url) => url.includes("/deploys?"),
      () => double.tick(),
    );
    double.tick();
    expect(await targetOn(double, ledger, null, late).abort(rollout)).toMatchObject({ phase: "moving" });
    expect(await ended(rollout, "abort")).toEqual({ phase: "succeeded" });
    expect(double.releaseOf(double.published)).toBe("r1");
  });

  test("a deploy that may not be looked at was not deleted", async () => {
    const rollout = roll(null, r1, 1);
    await target.advance(rollout, plainFacts);
    double.refusals.set(`GET /sites/${double.site.id}/deploys/`, 403);
    expect(await target.advance(rollout, plainFacts)).toMatchObject({
      phase: "failed",
      reason: expect.stringContaining("may not do this"),
    });
  });

  test.each([
    [401, /does not know the token in the secret NETLIFY_TOKEN/u],
    [402, /for a quota or a plan/u],
    [403, /may not do this with site blockbuilders.netlify.app/u],
    [404, /there is no site blockbuilders.netlify.app on Netlify that this token sees/u],
  ])("%i is told in a sentence, without the token", async (status, sentence) => {
    double.refusals.set("GET /sites/", status);
    const end = await ended(roll(null, r1, 1));
    expect(end).toMatchObject({ phase: "failed", reason: expect.stringMatching(sentence) });
    expect(JSON.stringify(end)).not.toContain(double.token);
  });
});

test(
  `Netlify at its worst: no effect twice and no false green, in ${schedules} schedules of faults`,
  async () => {
    const wrong: string[] = [];
    for (let seed = 1; seed <= schedules; seed++) {
      const problem = await play(seed);
      if (problem !== null) wrong.push(`seed ${seed}: ${problem}`);
    }
    expect(wrong).toEqual([]);
  },
  30_000 + schedules * 1_000,
);

/** One rollout to its end, and back where it failed; what was wrong with it. */
async function play(seed: number): Promise<string | null> {
  const chance = chanceFrom(seed * 104_729);
  const double = new NetlifyDouble();
  const ledger = memoryHostedLedger();
  const branch = chance() < 0.5 ? null : "staging";
  const pass = (): void => double.tick();
  const first = rolloutOf({ from: null, to: r1, desired: 1, strategy: rolling });
  await untilItEnds(
    () => targetOn(double, ledger, branch),
    (target) => target.advance(first, plainFacts),
    pass,
  );
  const to = chance() < 0.3 ? releaseThat("broken") : r2;
  const rollout = rolloutOf({ from: r1, to, desired: 1, strategy: rolling, epoch: 2 });
  // What lists deploys knows of each as soon as it was made.
  const outgoing = unreliable(
    double.outgoing,
    chanceFrom(seed),
    () => double.now() / 1000,
    (url) => url.includes("/deploys?"),
  );
  const open = (): Target => targetOn(double, ledger, branch, outgoing);
  const end = await untilItEnds(open, (target) => target.advance(rollout, plainFacts), pass);
  const made = double.effects.filter((effect) => effect === `deploy ${to}`);
  if (made.length > 1) return `made ${made.length} deploys`;
  if (end.phase === "succeeded")
    return double.releaseOf(double.leadsTo(branch)) === to ? null : "green, and it leads elsewhere";
  const back = await untilItEnds(open, (target) => target.abort(rollout), pass);
  for (let time = 0; time < 8; time++) pass();
  const runs = double.releaseOf(double.leadsTo(branch));
  return runs === r1 && back.phase === "succeeded"
    ? null
    : `${String(runs)} runs after the way back, which ${back.phase}`;
}

async function untilItEnds(
  open: () => Target,
  move: (target: Target) => Promise<Progress>,
  pass: () => void,
): Promise<Exclude<Progress, { phase: "moving" }>> {
  let target = open();
  for (let look = 0; look < 300; look++) {
    try {
      const progress = await move(target);
      if (progress.phase !== "moving") return progress;
    } catch (thrown) {
      const isOver = messageOf(thrown).includes(killed);
      if (!isOver && codeOf(thrown) !== "target_unreachable") throw thrown;
      if (isOver) target = open();
    }
    pass();
  }
  throw new Error("it never ended");
}
