import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FairwayError } from "@fairway/core";
import { afterAll, describe, expect, it } from "vitest";
import { needs } from "../../../../tools/skips.ts";
import { cancelLadder } from "./job-host.ts";
import { runJobInChild } from "./remote-job.ts";
import type { JobEnd } from "./step-record.ts";
import type { MemoryHost, MemoryHostOptions } from "./testing/memory-host.ts";
import { removeTrials, trialHost, trialInstance, trialSurroundings } from "./testing/trial-job.ts";

afterAll(removeTrials);

interface Remote {
  readonly host: MemoryHost;
  readonly end: JobEnd;
}

async function runRemote(
  job: string,
  options: MemoryHostOptions = {},
  before?: (host: MemoryHost) => void,
): Promise<Remote> {
  const host = trialHost(options);
  before?.(host);
  const { user } = options;
  return {
    host,
    end: await runJobInChild(trialInstance(job), host, trialSurroundings, user === undefined ? {} : { user }),
  };
}

/** Children of this process that carry a job. */
function processesOfJobs(): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      const parent = /^PPid:\s+(\d+)$/m.exec(textOf(`/proc/${pid}/status`))?.[1];
      return parent === String(process.pid) && textOf(`/proc/${pid}/cmdline`).includes("remote-job-child");
    })
    .map(Number);
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // A process that has ended.
  }
}

const last = (host: MemoryHost, step: string): string | undefined => host.text(step).split("\n").at(-1);

describe("a job in a process of its own", () => {
  it("does what it does in ours", async () => {
    const { host, end } = await runRemote(
      `
outputs: {x: "\${{ steps.a.outputs.x }}"}
steps:
  - id: a
    run: |
      echo "x=\${{ vars.A }}" >> "$GITHUB_OUTPUT"
      echo "::add-mask::hush"
      echo "::warning file=a.ts,line=1::look"
      echo "# Summary" >> "$GITHUB_STEP_SUMMARY"
      echo "hush \${{ secrets.TOKEN }}"
  - run: exit 3
`,
      { vars: { A: "1" }, secrets: { TOKEN: "s3cret" } },
    );
    expect(end).toMatchObject({ result: "failure", outputs: { x: "1" }, steps: [{ key: "1" }, { key: "2" }] });
    expect(last(host, "1")).toBe("*** ***");
    expect(last(host, "2")).toBe("##[error]Process completed with exit code 3.");
    expect([...host.annotations.values()]).toMatchObject([{ level: "warning", file: "a.ts" }, { level: "error" }]);
    expect(host.summaries.get("1")).toBe("# Summary\n");
    expect(host.steps.at(-1)).toMatchObject({ step: "2", state: "failure" });
  });

  it("is cancelled from here", async () => {
    const { end } = await runRemote(
      "steps:\n  - run: echo ready; sleep 1000\n  - {run: echo, if: always()}",
      { ladder: cancelLadder.map(({ signal }) => ({ signal, wait: 50 })) },
      (host) => {
        const log = host.log.bind(host);
        host.log = (step, lines) => {
          log(step, lines);
          if (lines.includes("ready")) host.cancel();
        };
      },
    );
    expect(end.steps.map(({ conclusion }) => conclusion)).toEqual(["cancelled", "success"]);
    expect(end.result).toBe("cancelled");
  });

  it("goes on from the records of an earlier process", async () => {
    const job = 'steps:\n  - run: echo ran >> ran; echo "A=1" >> "$GITHUB_ENV"\n  - run: echo "$A $(wc -l < ran)"';
    const first = await runRemote(job);
    const { memory, folder } = first.host;
    memory.records.delete("2");
    memory.ends.delete("2");
    const { host } = await runRemote(job, { memory, folder });
    expect(last(host, "2")).toBe("1 1");
  });

  it("says what the host refuses, with its code", async () => {
    const attention = new FairwayError("command_failed", "lost", { retryable: true });
    const run = runRemote("steps:\n  - run: x", { commands: async () => Promise.reject(attention) });
    await expect(run).rejects.toMatchObject({
      code: "needs_attention",
      hint: expect.stringContaining("SAFE_TO_REPEAT"),
    });
  });

  it("that is killed leaves an error that may be tried again", async () => {
    const run = runRemote("steps:\n  - run: x", {
      commands: async () => {
        for (const pid of processesOfJobs()) process.kill(pid, "SIGKILL");
        return new Promise(() => undefined);
      },
    });
    await expect(run).rejects.toMatchObject({ code: "command_failed", retryable: true });
  });
});

describe.skipIf(!needs("root"))("a job of another user", () => {
  const user = { uid: 54_321, gid: 54_321 };

  it("cannot look into the process that carries it, although that is the same user's", async () => {
    const { host } = await runRemote(
      `
steps:
  - run: |
      for status in /proc/[0-9]*/status; do
        grep -qs "^Uid:.54321" $status || continue
        process=$(dirname $status)
        tr '\\0' ' ' 2> /dev/null < $process/cmdline | grep -q remote-job-child || continue
        cat $process/environ > /dev/null 2>&1 && echo readable || echo closed
      done
`,
      { user },
    );
    expect(last(host, "1")).toBe("closed");
  });

  it("runs its steps and touches its files as that user, in no other group", async () => {
    const { host, end } = await runRemote(
      `
steps:
  - run: id -u; id -G; touch made
  - run: echo "$HOME $(stat -c %u "$0" "$GITHUB_ENV" | tr '\\n' ' ')"
`,
      { user },
    );
    expect(end.result).toBe("success");
    expect(host.text("1").split("\n").slice(-2)).toEqual(["54321", "54321"]);
    expect(last(host, "2")).toBe(`${host.folders.home} 54321 54321 `);
    expect(statSync(join(host.folders.workspace, "made")).uid).toBe(user.uid);
  });

  it("cannot read Fairway's data, by a step or by what runs in the job's process", async () => {
    const data = mkdtempSync(join(tmpdir(), "fairway-data-"));
    try {
      mkdirSync(join(data, "secrets"));
      writeFileSync(join(data, "secrets/key"), "s3cret");
      writeFileSync(join(data, "matcher.json"), '{"problemMatcher": []}');
      const { host, end } = await runRemote(
        `
steps:
  - run: cat ${data}/secrets/key
    continue-on-error: true
  - run: echo "::add-matcher::${data}/matcher.json"
  - if: always()
    run: cat /proc/$PPID/environ 2> /dev/null || echo no environment
`,
        { user },
      );
      expect(host.text("1")).toContain("Permission denied");
      expect(host.text("2")).toContain("EACCES");
      expect(last(host, "3")).toBe("no environment");
      expect(end.result).toBe("failure");
    } finally {
      rmSync(data, { recursive: true });
    }
  });
});
