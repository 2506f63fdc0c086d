import { afterAll, describe, expect, it } from "vitest";
import { cancelLadder, type CancelRung } from "./job-host.ts";
import type { MemoryHost } from "./testing/memory-host.ts";
import { removeTrials, runTrial, type Trial, type TrialOptions } from "./testing/trial-job.ts";

afterAll(removeTrials);

/** Rungs that come as soon as they can, for steps that would not end otherwise. */
const steep: readonly CancelRung[] = cancelLadder.map(({ signal }) => ({ signal, wait: 50 }));

/** Cancels as soon as the log of any step shows a line. */
async function cancelledAt(line: string, job: string, options: TrialOptions = {}): Promise<Trial> {
  return runTrial(job, {
    ladder: steep,
    ...options,
    before: (host: MemoryHost) => {
      const log = host.log.bind(host);
      host.log = (step, lines) => {
        log(step, lines);
        if (lines.includes(line)) host.cancel();
      };
    },
  });
}

it("the ladder is the official runner's", () => {
  expect(cancelLadder).toEqual([
    { signal: "SIGINT", wait: 7500 },
    { signal: "SIGTERM", wait: 2500 },
    { signal: "SIGKILL", wait: 0 },
  ]);
});

describe("a cancelled job", () => {
  it("ends the running step, skips the rest, and runs what asks for it", async () => {
    const { end, conclusions, host } = await cancelledAt(
      "ready",
      `
steps:
  - run: |
      echo ready
      sleep 1000
  - run: echo
  - {run: echo, if: failure()}
  - {run: echo, if: success()}
  - {run: 'echo "status \${{ job.status }}"', if: always()}
  - {run: echo, if: cancelled()}
`,
    );
    expect(end).toMatchObject({ result: "cancelled", timedOut: false });
    expect(conclusions).toEqual(["cancelled", "skipped", "skipped", "skipped", "success", "success"]);
    expect(host.text("1")).toContain("##[error]The operation was canceled.");
    expect(host.text("5")).toContain("status cancelled");
  });

  it("asks with SIGINT first, then with SIGTERM", async () => {
    const { host } = await cancelledAt(
      "ready",
      `
steps:
  - run: |
      trap 'echo got INT' INT
      trap 'echo got TERM; exit 0' TERM
      echo ready
      while true; do sleep 0.01 || true; done
`,
      {
        ladder: [
          { signal: "SIGINT", wait: 200 },
          { signal: "SIGTERM", wait: 600_000 },
        ],
      },
    );
    const lines = host.text("1").split("\n");
    expect(lines.filter((line) => line.startsWith("got "))).toEqual(["got INT", "got TERM"]);
  });

  it("kills a step that ignores every signal, with everything it started", async () => {
    const { end } = await cancelledAt(
      "ready",
      `
steps:
  - run: |
      trap '' INT TERM HUP
      sleep 1000 &
      echo ready
      while true; do sleep 1000; done
`,
    );
    expect(end.result).toBe("cancelled");
  });

  it("lets a step go on whose condition still holds", async () => {
    const { end, conclusions, host } = await cancelledAt(
      "ready",
      `
steps:
  - if: always()
    run: |
      echo ready
      echo went on
  - run: echo
`,
    );
    expect(conclusions).toEqual(["success", "skipped"]);
    expect(host.text("1")).toContain("went on");
    expect(end.result).toBe("cancelled");
  });

  it("is not made a success by continue-on-error", async () => {
    const { conclusions } = await cancelledAt(
      "ready",
      "steps:\n  - {run: echo ready; sleep 1000, continue-on-error: true}",
    );
    expect(conclusions).toEqual(["cancelled"]);
  });

  it("keeps what the cancelled step had written", async () => {
    const { host } = await cancelledAt(
      "ready",
      `
steps:
  - run: |
      echo "A=1" >> "$GITHUB_ENV"
      echo ready
      sleep 1000
  - {run: 'echo "[$A]"', if: always()}
`,
    );
    expect(host.text("2")).toContain("[1]");
  });

  it("that was cancelled before its first step runs only what asks for it", async () => {
    const { conclusions, end } = await runTrial("steps:\n  - run: echo\n  - {run: echo, if: always()}", {
      before: (host) => host.cancel(),
    });
    expect(conclusions).toEqual(["skipped", "success"]);
    expect(end.result).toBe("cancelled");
  });
});

it("steps that run after a cancel have some minutes, and are ended then", async () => {
  const { end } = await cancelledAt(
    "ready",
    `
cancel-timeout-minutes: 0.001
steps:
  - run: echo ready; sleep 1000
  - {run: sleep 1000, if: always()}
`,
  );
  expect(end.steps.map(({ conclusion }) => conclusion)).toEqual(["cancelled", "cancelled"]);
});

describe("a step whose time is over", () => {
  const timedOut: TrialOptions = { commands: async () => ({ ended: "timed-out" }) };

  it("fails and says so, and the rest goes by their conditions", async () => {
    const { end, host, conclusions } = await runTrial(
      `
steps:
  - {name: Slow, run: sleep 1000, timeout-minutes: 1}
  - run: echo
`,
      timedOut,
    );
    expect(conclusions).toEqual(["failure", "skipped"]);
    expect(end.result).toBe("failure");
    expect(host.text("1")).toContain("##[error]The action 'Slow' has timed out after 1 minutes.");
  });

  it("may be forgiven", async () => {
    const { conclusions } = await runTrial(
      "steps:\n  - {run: x, timeout-minutes: 1, continue-on-error: true}",
      timedOut,
    );
    expect(conclusions).toEqual(["success"]);
  });

  it("is given its time in whole minutes, from its start", async () => {
    const { host } = await runTrial("steps:\n  - {run: x, timeout-minutes: 2}\n  - run: x", {
      commands: async () => ({ ended: "exited", code: 0 }),
    });
    const [limited, unlimited] = host.memory.started;
    expect(limited?.timeout).toBeGreaterThan(0);
    expect(limited?.timeout).toBeLessThanOrEqual(120_000);
    expect(unlimited?.timeout).toBeUndefined();
  });

  it("may compute it; what is no number is said and not heeded", async () => {
    const { host, end } = await runTrial("steps:\n  - {run: echo, timeout-minutes: \"${{ fromJSON('[]') }}\"}");
    expect(end.result).toBe("success");
    expect(host.text()).toContain("An error occurred when attempting to determine the step timeout.");
  });
});

describe("a job whose time is over", () => {
  it("is cancelled, and says so", async () => {
    const { end, host } = await runTrial(
      `
timeout-minutes: 10
steps:
  - run: sleep 1000
  - {run: echo, if: always()}
`,
      { ladder: steep, startedAt: Date.now() - 11 * 60_000 },
    );
    expect(end).toMatchObject({ result: "cancelled", timedOut: true });
    // Whether the first has begun by then is not for us to say.
    expect(["cancelled", "skipped"]).toContain(end.steps[0]?.conclusion);
    expect(end.steps[1]?.conclusion).toBe("success");
    expect(host.text("complete")).toContain("The job has exceeded the maximum execution time of 10 minutes.");
  });
});
