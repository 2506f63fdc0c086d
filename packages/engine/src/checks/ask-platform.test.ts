import type { PlatformQuestion, Verdict } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import { expect, test } from "vitest";
import type { Places } from "../rollouts/places.ts";
import type { AskingPlatform } from "./ask-platform.ts";
import { askPlatform } from "./ask-platform.ts";

const images = [{ service: "api", image: "registry.example/api", digest: "sha256:1" }];
const running = { progress: () => undefined, signal: new AbortController().signal };
const asking = (over: Partial<AskingPlatform> = {}): AskingPlatform => ({
  check: { asks: "scan", failsAt: "HIGH" },
  question: { environment: "staging", images },
  timeout: 60_000,
  startedAt: new Date().toISOString(),
  ...over,
});
const that = (answer: (question: PlatformQuestion, times: number) => Promise<Verdict | null>): Places => {
  let times = 0;
  return { askPlatform: (_check, question) => answer(question, ++times) } as Partial<Places> as Places;
};

test("what has no answer yet is asked again, of what happened since the first question", async () => {
  const since: Date[] = [];
  const startedAt = new Date().toISOString();
  const places = that(async (question, times) => {
    since.push(question.since);
    expect(question).toMatchObject({ environment: "staging", images });
    if (times === 2) throw new FairwayError("target_unreachable", "AWS does not answer", { retryable: true });
    return times < 4 ? null : { verdict: "passed", summary: "no findings" };
  });
  const found = await askPlatform(places, "sound", asking({ startedAt }), running, 1);
  expect(found).toMatchObject({
    status: "passed",
    summary: "no findings",
    tests: [{ name: "sound", state: "passed" }],
  });
  expect(new Set(since.map((each) => each.toISOString()))).toEqual(new Set([startedAt]));
});

test("a no is a test that failed, and what decides nothing is no yes", async () => {
  const failed = that(async () => ({ verdict: "failed", summary: "1 critical: CVE-1" }));
  expect(await askPlatform(failed, "sound", asking(), running)).toMatchObject({
    status: "failed",
    tests: [{ name: "sound", state: "failed", message: "1 critical: CVE-1" }],
  });
  const undecided = that(async () => ({ verdict: "inconclusive", summary: "ECR cannot scan it" }));
  expect(await askPlatform(undecided, "sound", asking(), running)).toMatchObject({
    status: "no-data",
    summary: "ECR cannot scan it",
  });
});

test("what never answers, or may not be asked, is no yes and says why", async () => {
  const silent = that(async () => null);
  const long = asking({ startedAt: new Date(Date.now() - 120_000).toISOString() });
  expect(await askPlatform(silent, "sound", long, running)).toMatchObject({
    status: "no-data",
    summary: "it has not answered yet, and its 60 s are over",
  });
  const refused = that(() => Promise.reject(new FairwayError("denied", "you may not ecr:DescribeImageScanFindings")));
  expect(await askPlatform(refused, "sound", asking(), running)).toMatchObject({
    status: "no-data",
    summary: "you may not ecr:DescribeImageScanFindings",
  });
  expect(await askPlatform({} as Places, "sound", asking(), running)).toMatchObject({ status: "no-data" });
});
