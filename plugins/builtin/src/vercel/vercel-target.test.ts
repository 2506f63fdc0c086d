import { writeFileSync } from "node:fs";
import { moveToItsEnd, releaseThat, rolloutOf, targetSuite } from "@fairway/conformance";
import type {
  CanaryOptions,
  Facts,
  HostedLedger,
  Progress,
  ReleaseId,
  RollingOptions,
  Rollout,
  Target,
} from "@fairway/core";
import { codeOf, plainFacts } from "@fairway/core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { memoryHostedLedger } from "../../fixtures/hosted-ledger.ts";
import { VercelDouble, served } from "../../fixtures/vercel/double.ts";
import { outputs, scope, vercelPlacement, vercelTargetOn, vercelWorld } from "../../fixtures/vercel/world.ts";
import { guardedFetch } from "../outgoing/guarded-fetch.ts";
import { vercelApi } from "./vercel-api.ts";
import { vercelTarget } from "./vercel-target.ts";

targetSuite("Vercel", vercelWorld, { seeds: 0 });

const rolling: RollingOptions = { name: "rolling", minimumHealthyPercent: 100, maximumPercent: 200 };
const r1 = "r1" as ReleaseId;
const r2 = "r2" as ReleaseId;

describe("a service on Vercel", () => {
  let double: VercelDouble;
  let ledger: HostedLedger;
  let bundles: ReturnType<typeof outputs>;
  let target: Target;
  beforeEach(() => {
    double = new VercelDouble();
    ledger = memoryHostedLedger();
    bundles = outputs();
    target = open();
  });
  afterEach(() => bundles.remove());

  const open = (about: Partial<Parameters<typeof vercelTargetOn>[1]> = {}): Target =>
    vercelTargetOn(double, { ledger, folderOf: bundles.folderOf, ...about });
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
  const reasonOf = async (rollout: Rollout, moved?: Target): Promise<string> => {
    const end = await ended(rollout, "advance", moved);
    return end.phase === "failed" ? end.reason : "";
  };
  const made = (): readonly string[] => double.effects.filter((effect) => effect.startsWith("deployment"));

  test("uploads what is missing, and its domains move only when it is ready", async () => {
    expect(await ended(roll(null, r1, 1))).toEqual({ phase: "succeeded" });
    const [first] = double.deployments;
    expect(first?.meta).toMatchObject({ fairwayRelease: "r1", GIT_SHA: "c0ffee", githubCommitSha: "c0ffee" });
    expect(first?.env).toMatchObject({ GIT_SHA: "c0ffee", FAIRWAY_RELEASE: "r1" });
    expect(first?.files).toEqual([
      ".vercel/output/config.json",
      ".vercel/output/functions/about.func",
      ".vercel/output/static/index.html",
      ".vercel/output/static/logo.svg",
    ]);
    const uploaded = double.effects.filter((effect) => effect.startsWith("file")).length;
    expect(uploaded).toBe(4);
    expect(await ended(roll(r1, r2, 2))).toEqual({ phase: "succeeded" });
    // Only the page differs between the two.
    expect(double.effects.filter((effect) => effect.startsWith("file"))).toHaveLength(uploaded + 1);
    expect(double.effects.filter((effect) => !effect.startsWith("file"))).toEqual([
      ...["deployment r1", "promote r1", "domains dpl_1"],
      ...["deployment r2", "promote r2", "domains dpl_2"],
    ]);
  });

  test("goes back in a moment to a deployment that is there, and makes no new one", async () => {
    await ended(roll(null, r1, 1));
    await ended(roll(r1, r2, 2));
    expect(await ended(roll(r2, r1, 3))).toEqual({ phase: "succeeded" });
    expect(made()).toHaveLength(2);
    expect(double.effects.slice(-2)).toEqual(["rollback r1", "domains dpl_1"]);
  });

  test("what fails to build says why, and the domains never moved", async () => {
    await ended(roll(null, r1, 1));
    const reason = await reasonOf(roll(r1, releaseThat("broken"), 2));
    expect(reason).toContain("BUILD_FAILED: the output could not be used");
    expect(reason).toContain("Error: the build broke");
    expect(double.production()).toBe("dpl_1");
  });

  test("a promotion that Vercel reports as failed is not green, and neither is one that only says it is done", async () => {
    await ended(roll(null, r1, 1));
    double.failsToPromote = true;
    expect(await reasonOf(roll(r1, r2, 2))).toBe("Vercel did not move the domains: the promote failed");
    double.failsToPromote = false;
    const r3 = roll(r1, "r3" as ReleaseId, 3);
    for (let look = 0; look < 6; look++) {
      await target.advance(r3, plainFacts);
      double.tick();
    }
    double.aliases.set("www.blockbuilders.app", "dpl_1");
    expect(await target.advance(r3, plainFacts)).toMatchObject({ phase: "moving" });
  });

  test("what somebody else brought meanwhile is superseded, and stays on the way back", async () => {
    await ended(roll(null, r1, 1));
    const rollout = roll(r1, r2, 2);
    await target.advance(rollout, plainFacts);
    const hotfix = double.overtake();
    expect(await ended(rollout)).toEqual({
      phase: "failed",
      ending: "superseded",
      reason: expect.stringMatching(/^superseded: blockbuilders.app leads to dpl_hotfix/u),
    });
    expect(await ended(rollout, "abort")).toMatchObject({ phase: "failed" });
    expect(double.production()).toBe(hotfix);
  });

  test("waits for the checks of integrations, and names the one that says no", async () => {
    await ended(roll(null, r1, 1));
    double.checksOf = (release) => (release === "r2" ? "failed" : "succeeded");
    expect(await reasonOf(roll(r1, r2, 2))).toBe("checks on Vercel said no to dpl_2\nlighthouse");
    expect(double.production()).toBe("dpl_1");
    expect(await ended(roll(r1, "r3" as ReleaseId, 3))).toEqual({ phase: "succeeded" });
  });

  describe("in stages", () => {
    const canary: CanaryOptions = {
      name: "canary",
      steps: [
        { weight: 10, pause: "approval" },
        { weight: 50, pause: 60_000 },
      ],
      bake: 0,
    };
    const approved = (...shares: readonly number[]): Facts => ({ ...plainFacts, approved: shares });
    const staged = (): Rollout => roll(r1, r2, 2, { strategy: canary });
    /** Looks and lets time pass until nothing changes any more. */
    const until = async (rollout: Rollout, facts: Facts): Promise<Progress> => {
      let progress = await target.advance(rollout, facts);
      for (let look = 0; look < 8 && progress.phase === "moving"; look++) {
        double.tick();
        progress = await target.advance(rollout, facts);
      }
      return progress;
    };
    const shares = (): readonly string[] => double.effects.filter((effect) => effect.startsWith("stage"));

    test("a person is asked at a stage, time passes at another, and then it is complete", async () => {
      await ended(roll(null, r1, 1));
      expect(await until(staged(), plainFacts)).toMatchObject({ asks: expect.stringContaining("10 %"), weight: 10 });
      expect(shares()).toEqual(["stage 10 r2"]);
      expect(await until(staged(), approved(10))).toMatchObject({ phase: "moving", weight: 50 });
      expect(await target.hold?.(staged())).toMatchObject({ phase: "moving", weight: 50 });
      expect(await until(staged(), { ...approved(10), sinceShift: 60_000 })).toEqual({ phase: "succeeded" });
      expect(shares()).toEqual(["stage 10 r2", "stage 50 r2"]);
      expect(double.production()).toBe("dpl_2");
    });

    test("the way back out of a stage ends it", async () => {
      await ended(roll(null, r1, 1));
      await until(staged(), plainFacts);
      expect(await ended(staged(), "abort")).toEqual({ phase: "succeeded" });
      expect([double.rolling?.state, double.production()]).toEqual(["ABORTED", "dpl_1"]);
    });

    test("somebody else's is waited for before anything is deployed", async () => {
      await ended(roll(null, r1, 1));
      await until(staged(), plainFacts);
      const after = { ...staged(), id: "another" as Rollout["id"], to: "r3" as ReleaseId };
      const before = double.deployments.length;
      expect(await until(after, plainFacts)).toMatchObject({
        phase: "moving",
        message: "a rolling release of dpl_2 is under way on Vercel: complete it or abort it there",
      });
      expect(double.deployments).toHaveLength(before);
      if (double.rolling !== null) double.rolling.state = "ABORTED";
      expect(await until(after, plainFacts)).toMatchObject({ asks: expect.stringContaining("10 %"), weight: 10 });
    });

    test("one that somebody ended on Vercel is not begun again", async () => {
      await ended(roll(null, r1, 1));
      await until(staged(), plainFacts);
      if (double.rolling !== null) double.rolling.state = "ABORTED";
      expect(await until(staged(), plainFacts)).toEqual({
        phase: "failed",
        reason: "the rolling release was ended on Vercel before it was complete",
      });
    });
  });

  test("an environment that is no production gets its aliases, and goes back by them", async () => {
    const placement = { target: "preview", domains: ["staging.blockbuilders.app"] } as const;
    const staging = open({ placement });
    expect(await ended(roll(null, r1, 1), "advance", staging)).toEqual({ phase: "succeeded" });
    expect(double.deployments[0]?.target).toBeNull();
    expect(await ended(roll(r1, r2, 2), "advance", staging)).toEqual({ phase: "succeeded" });
    expect(await ended(roll(r1, r2, 2), "abort", staging)).toEqual({ phase: "succeeded" });
    expect(double.aliases.get("staging.blockbuilders.app")).toBe("dpl_1");
    // What ends is not the rollout that brought it.
    await ended(roll(null, "r0" as ReleaseId, 9, { desired: 0, id: "the-end" as Rollout["id"] }), "abort", staging);
    expect(await ledger.read(scope)).toBeNull();
  });

  test("what the project on Vercel lacks is told before anything is deployed", async () => {
    const needs = open({ placement: { needs: ["DATABASE_URL"] } });
    expect(await reasonOf(roll(null, r1, 1), needs)).toBe(
      "project blockbuilders on Vercel has no DATABASE_URL for production: add them there",
    );
    expect(await needs.preflight?.(roll(null, r1, 2))).toEqual({
      refusals: [expect.stringMatching(/has no DATABASE_URL for production: add them there$/u)],
      warnings: [],
    });
    double.variables.push({ key: "DATABASE_URL", target: ["production"] });
    expect(await ended(roll(null, r1, 2), "advance", needs)).toEqual({ phase: "succeeded" });
  });

  test("every domain must lead to it, however many pages they fill", async () => {
    for (let number = 0; number < 130; number++) double.domains.push(`d${number}.blockbuilders.app`);
    expect(await ended(roll(null, r1, 1))).toEqual({ phase: "succeeded" });
    const rollout = roll(r1, r2, 2);
    for (let look = 0; look < 8; look++) {
      await target.advance(rollout, plainFacts);
      double.tick();
    }
    for (const domain of ["blockbuilders.app", "d129.blockbuilders.app"]) {
      double.aliases.set(domain, "dpl_1");
      expect(await target.advance(rollout, plainFacts)).toMatchObject({ phase: "moving" });
      double.aliases.set(domain, "dpl_2");
    }
    expect(await target.advance(rollout, plainFacts)).toEqual({ phase: "succeeded" });
  });

  describe("when a secret of the environment has changed since", () => {
    test("the same release is deployed anew and says why, once", async () => {
      let variables = "v1";
      target = open({ variables: () => variables });
      await ended(roll(null, r1, 1));
      variables = "v2";
      const again = roll(r1, r1, 2);
      expect(await target.advance(again, plainFacts)).toMatchObject({
        phase: "moving",
        message: "variables or secrets of this environment changed, after dpl_1 was made: r1 is deployed anew",
      });
      // Whoever comes after a daemon that was killed here knows it too.
      expect(await ended(again, "advance", open({ variables: () => variables }))).toEqual({ phase: "succeeded" });
      expect(made()).toEqual(["deployment r1", "deployment r1"]);
      expect(double.production()).toBe("dpl_2");
      expect(await ended(roll(r1, r1, 3))).toEqual({ phase: "succeeded" });
      expect(made()).toHaveLength(2);
    });

    test("a way back leads to what ran, and asks for no value", async () => {
      let isGone = false;
      const variables = (): string => {
        if (isGone) throw new Error("the secret is gone");
        return "v1";
      };
      target = open({ variables });
      await ended(roll(null, r1, 1));
      await ended(roll(r1, r2, 2));
      isGone = true;
      expect(await target.preflight?.(roll(r2, r1, 3))).toMatchObject({
        refusals: [],
        warnings: [expect.stringMatching(/^r1 comes back as dpl_1, with .* is not known: the secret is gone$/u)],
      });
      expect(await ended(roll(r2, r1, 3))).toEqual({ phase: "succeeded" });
      expect(made()).toHaveLength(2);
      expect(double.production()).toBe("dpl_1");
    });
  });

  describe("when a variable of the project has changed since", () => {
    const changed = (): void => {
      double.tick();
      double.variables.push({ key: "DATABASE_URL", target: ["production"], updatedAt: double.now() });
      double.tick();
    };

    test("the same release is deployed anew, for what is there keeps the old one", async () => {
      await ended(roll(null, r1, 1));
      changed();
      expect(await ended(roll(r1, r1, 2))).toEqual({ phase: "succeeded" });
      expect(made()).toEqual(["deployment r1", "deployment r1"]);
      expect(double.production()).toBe("dpl_2");
      // Nothing changed since, so the third time it is there already.
      expect(await ended(roll(r1, r1, 3))).toEqual({ phase: "succeeded" });
      expect(made()).toHaveLength(2);
    });

    test("a way back still leads to what ran, with what it had, and that is told before", async () => {
      await ended(roll(null, r1, 1));
      await ended(roll(r1, r2, 2));
      expect(await target.preflight?.(roll(r2, r1, 3))).toEqual({ refusals: [], warnings: [] });
      changed();
      expect(await target.preflight?.(roll(r2, r1, 3))).toEqual({
        refusals: [],
        warnings: [
          expect.stringMatching(
            /^r1 comes back as dpl_1, .* some have changed since; once it is back, `fairway deploy /u,
          ),
        ],
      });
      expect(await ended(roll(r2, r1, 3))).toEqual({ phase: "succeeded" });
      expect(made()).toHaveLength(2);
      expect(double.production()).toBe("dpl_1");
    });

    test("one of another target is nothing to it, and neither is a token that may not read them", async () => {
      await ended(roll(null, r1, 1));
      double.tick();
      double.variables.push({ key: "DEBUG", target: ["preview"], updatedAt: double.now() });
      expect(await ended(roll(r1, r1, 2))).toEqual({ phase: "succeeded" });
      double.refusals.set("GET /v10/projects/", { status: 403, code: "forbidden", message: "said so" });
      expect(await ended(roll(r1, r1, 3))).toEqual({ phase: "succeeded" });
      expect(made()).toHaveLength(1);
    });
  });

  test("an answer that leaves unknown whether a rolling release is under way is not taken for none", async () => {
    double.refusals.set("GET /v1/projects/prj_blocks/rolling-release", {
      status: 400,
      code: "bad",
      message: "said so",
    });
    expect(await reasonOf(roll(null, r1, 1))).toContain("said so");
    expect(made()).toEqual([]);
    double.refusals.set("GET /v1/projects/prj_blocks/rolling-release", { status: 402, code: "", message: "no plan" });
    expect(await ended(roll(null, r1, 2))).toEqual({ phase: "succeeded" });
  });

  test("a release without a .vercel/output is refused", async () => {
    const empty = open({ folderOf: (release) => `${bundles.folderOf(release)}/static` });
    expect(await reasonOf(roll(null, r1, 1), empty)).toMatch(
      /^release r1 has no \.vercel\/output: its build must leave one/u,
    );
  });

  test("what was built with the variables of a preview does not go to production, and the other way round it may", async () => {
    const builtFor = (release: ReleaseId, to: string): void =>
      writeFileSync(`${bundles.folderOf(release)}/builds.json`, JSON.stringify({ target: to }));
    builtFor(r1, "preview");
    expect(await reasonOf(roll(null, r1, 1))).toBe(
      "release r1 was built with the variables of preview, and goes to production: build it with `vercel build --prod`",
    );
    builtFor(r1, "production");
    expect(await ended(roll(null, r1, 2))).toEqual({ phase: "succeeded" });
    const staging = open({ placement: { target: "preview", domains: ["staging.blockbuilders.app"] } });
    builtFor(r2, "production");
    expect(await ended(roll(r1, r2, 3), "advance", staging)).toEqual({ phase: "succeeded" });
  });

  test.each([
    ["a token that is unknown", 403, "invalid_token", /does not know the token in the secret VERCEL_TOKEN/u],
    ["a team that it may not see", 403, "team_unauthorized", /may not see team team_blocks/u],
    ["a project that is not there", 404, "not_found", /there is no project blockbuilders in team team_blocks/u],
    ["what it may not do", 403, "forbidden", /may not do this in project blockbuilders/u],
    ["a plan", 402, "payment_required", /for a quota or a plan of team team_blocks/u],
    ["a quota", 400, "resource_limit_exceeded", /for a quota or a plan/u],
  ])("%s is told in a sentence, without the token", async (_, status, code, sentence) => {
    double.refusals.set("GET /v9/projects/", { status, code, message: "said so" });
    const reason = await reasonOf(roll(null, r1, 1));
    expect(reason).toMatch(sentence);
    expect(reason).not.toContain(double.token);
  });

  test("a deployment that it may not look at was not deleted", async () => {
    double.refusals.set("GET /v13/deployments/", { status: 403, code: "forbidden", message: "said so" });
    expect(await reasonOf(roll(null, r1, 1))).toMatch(/may not do this in project blockbuilders/u);
  });

  test("asked to wait, it waits as long as it was asked", async () => {
    const outgoing = {
      ...double.outgoing,
      ask: async () => ({ status: 429, headers: { "retry-after": "30" }, body: "" }),
    };
    const throttled = open({ outgoing });
    const progress = await throttled.advance(roll(null, r1, 1), plainFacts);
    expect(progress).toMatchObject({
      phase: "moving",
      message: expect.stringContaining("asks to be left alone for 30 s"),
    });
    expect(progress.phase === "moving" && progress.checkAgainIn > 1000).toBe(true);
  });

  test("pages must answer with their headers once the release has the domains", async () => {
    const page = { status: 200, headers: { "x-vercel-cache": "MISS" }, body: "" };
    let asked = 0;
    const outgoing: typeof double.outgoing = {
      ...double.outgoing,
      ask: async (request) =>
        request.url.startsWith("https://api.vercel.com")
          ? double.answer(request)
          : ((asked += 1),
            {
              ...page,
              headers: { "x-vercel-cache": asked > 2 ? "HIT" : "MISS", "cache-control": "public, max-age=0" },
            }),
    };
    const pages = [
      { path: "/", headers: { "x-vercel-cache": { oneOf: ["HIT"] }, "cache-control": { has: ["public"] } } },
    ];
    expect(await ended(roll(null, r1, 1), "advance", open({ outgoing, placement: { pages } }))).toEqual({
      phase: "succeeded",
    });
    const never = [{ path: "/", headers: { "cache-control": { has: ["s-maxage=60"] } } }];
    expect(await reasonOf(roll(r1, r2, 2), open({ outgoing, placement: { pages: never } }))).toContain(
      'https://blockbuilders.app/ answers with cache-control: "public, max-age=0", without s-maxage=60',
    );
  });

  test("a page that is made again in the background says for how long, and is found made before", async () => {
    const held = (control: string): typeof double.outgoing => ({
      ...double.outgoing,
      ask: async (request) =>
        request.url.startsWith("https://api.vercel.com")
          ? double.answer(request)
          : { status: 200, headers: { "x-vercel-cache": "STALE", "cache-control": control }, body: "" },
    });
    const wanted = { has: ["s-maxage=60", "stale-while-revalidate=300"] };
    const pages = [
      {
        path: "/prices",
        headers: { "cache-control": wanted, "x-vercel-cache": { oneOf: ["HIT", "STALE", "PRERENDER"] } },
      },
    ];
    const outgoing = held("public, s-maxage=60, stale-while-revalidate=300");
    expect(await ended(roll(null, r1, 1), "advance", open({ outgoing, placement: { pages } }))).toEqual({
      phase: "succeeded",
    });
    const without = open({ outgoing: held("public, s-maxage=60"), placement: { pages } });
    expect(await reasonOf(roll(r1, r2, 2), without)).toContain("without stale-while-revalidate=300");
  });

  test("over HTTP the guard decides where it may ask, and an API that is none is told so", async () => {
    const { url, close } = await served(double);
    const placement = vercelPlacement(double, { api: url });
    const over = (allowPrivate: readonly string[]): Target => {
      const outgoing = guardedFetch({ allowPrivate });
      const api = vercelApi(placement, { outgoing, secret: async () => double.token });
      return vercelTarget({
        ...{ placement, scope, ledger, api, outgoing, looks: new Map() },
        bundleOf: async (release) => ({
          directory: bundles.folderOf(release),
          sha: "c0ffee",
          env: {},
          variables: "v1",
        }),
      });
    };
    try {
      expect(
        await over([])
          .advance(roll(null, r1, 1), plainFacts)
          .catch(codeOf),
      ).toBe("bad_request");
      expect(await ended(roll(null, r1, 2), "advance", over(["127.0.0.1/32"]))).toEqual({ phase: "succeeded" });
    } finally {
      await close();
    }
  });
});
