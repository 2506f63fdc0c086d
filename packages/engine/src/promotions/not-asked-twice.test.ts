import { releaseId, runId } from "@fairway/core";
import { expect, test } from "vitest";
import { overtakenQuestions } from "./not-asked-twice.ts";
import type { OpenDeployment } from "../store/open-deployments.ts";

const wish = { environment: "production", release: releaseId(3), digest: "sha256:now" };
const open = (run: number, more: Partial<OpenDeployment> = {}): OpenDeployment => ({
  run: runId(run),
  release: releaseId(3),
  isRollback: false,
  only: null,
  moves: false,
  asks: true,
  digest: "sha256:now",
  ...more,
});

test("what is asked about already is not asked a second time, and says which run asks", () => {
  expect(() => overtakenQuestions(wish, [open(7)])).toThrow("run-7 asks already for r3 to go to production");
});

test("a question about what would not happen any more is taken back; what others asked, and what moves, is not", () => {
  const old = { digest: "sha256:then" };
  expect(
    overtakenQuestions(wish, [
      open(1, old),
      open(2, { ...old, release: releaseId(2) }),
      open(3, { ...old, isRollback: true }),
      open(4, { asks: false }),
    ]),
  ).toEqual(["run-1"]);
});
