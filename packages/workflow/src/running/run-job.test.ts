import { afterAll, describe, expect, it } from "vitest";
import { removeTrials, runTrial } from "./testing/trial-job.ts";

afterAll(removeTrials);

describe("a job", () => {
  it("runs its steps in order", async () => {
    const { end, host } = await runTrial(`
steps:
  - run: echo one
  - run: echo two
`);
    expect(end.result).toBe("success");
    expect(host.text("1").split("\n").at(-1)).toBe("one");
    expect(host.text("2").split("\n").at(-1)).toBe("two");
  });
});
