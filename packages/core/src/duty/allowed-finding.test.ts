import { expect, test } from "vitest";
import type { AllowedFinding } from "./allowed-finding.ts";
import { judgeFindings } from "./allowed-finding.ts";
import { roles } from "./testing/duties.ts";

const entry = (given: Partial<AllowedFinding>): AllowedFinding => ({
  ...{ path: "tests/keys.pem", fingerprint: null, reason: "made up", owner: "lead", until: "2026-12-31" },
  place: { file: "ops/scan.yaml", line: 3 },
  ...given,
});
const found = { path: "tests/keys.pem", fingerprint: "f1", credential: null };
const judged = (entries: readonly AllowedFinding[], findings = [found]): ReturnType<typeof judgeFindings> =>
  judgeFindings(findings, entries, { roles, today: "2026-12-31" });

test("an entry allows what stands at its path or has its fingerprint, and nothing else", () => {
  expect(judged([entry({})])).toEqual({ kept: [], allowed: 1, ended: [] });
  expect(judged([entry({ path: "tests/" })]).allowed).toBe(1);
  expect(judged([entry({ path: null, fingerprint: "f1" })]).allowed).toBe(1);
  expect(judged([entry({ path: "tests" })]).kept).toEqual([found]);
  expect(judged([entry({ path: "keys.pem" })]).kept).toEqual([found]);
  expect(judged([entry({ fingerprint: "f2" })]).kept).toEqual([found]);
  expect(judged([entry({})], [{ ...found, path: "0123456789ab:tests/keys.pem" }]).allowed).toBe(1);
});

test("an entry that has ended, or that nobody answers for, counts no more and is told with its line", () => {
  expect(judged([entry({ until: "2026-12-30" })])).toEqual({
    ...{ kept: [found], allowed: 0, ended: ["ops/scan.yaml:3 counts no more since 2026-12-30"] },
  });
  expect(judged([entry({ owner: "gone" })]).ended).toEqual(["ops/scan.yaml:3 counts no more: nobody is gone"]);
  expect(judged([entry({ owner: "gone" }), entry({ path: "tests/" })])).toMatchObject({ allowed: 1, ended: [] });
});

test("the value of a credential is never allowed", () => {
  const known = { ...found, credential: "pay@production" } as unknown as typeof found;
  expect(judged([entry({}), entry({ path: null, fingerprint: "f1" })], [known]).kept).toEqual([known]);
});
