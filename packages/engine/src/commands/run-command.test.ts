import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { mkdir, mkdtemp, open, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import type { Argv } from "@fairway/core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { networkEnvironment } from "./network-environment.ts";
import { bootId, processesOfCommand } from "./processes.ts";
import { type CommandSpec, runCommand } from "./run-command.ts";
import { sweepCommands } from "./sweep-commands.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "fairway-commands-"));
});
afterEach(async () => {
  // The leak guard: whatever a test did, nothing of its commands runs any more.
  const left = await processesOfCommand(join(root, "command"), undefined);
  if (left.length > 0) throw new Error(`processes are left: ${left.map(({ pid }) => pid).join(", ")}`);
  await rm(root, { recursive: true, force: true });
});

const spec = (argv: Argv, more: Partial<CommandSpec> = {}): CommandSpec => ({
  directory: join(root, "command"),
  argv,
  cwd: root,
  env: {},
  secrets: [],
  timeout: 20_000,
  grace: 5_000,
  ...more,
});
const sh = (script: string, more: Partial<CommandSpec> = {}): CommandSpec => spec(["sh", "-c", script], more);
const node = (script: string, more: Partial<CommandSpec> = {}): CommandSpec =>
  spec([process.execPath, "-e", script], more);
const log = (): string => readFileSync(join(root, "command/log"), "utf8");
const appears = (name: string): Promise<void> =>
  vi.waitFor(() => expect(existsSync(join(root, name))).toBe(true), { interval: 5, timeout: 10_000 });
const runner = (): number => Number(readFileSync(join(root, "command/state/record"), "utf8").split(" ")[0]);

describe("a command", () => {
  it("ends with its code, its output and its duration", async () => {
    const outcome = await runCommand(sh("echo out; echo err >&2; exit 3"));
    expect(outcome).toMatchObject({ ended: "exited", code: 3, tail: ["out", "err"], log: join(root, "command/log") });
    expect(outcome.duration).toBeGreaterThanOrEqual(0);
    expect(log()).toBe("out\nerr\n");
  });

  it("gets its words as they are, and no shell sees them", async () => {
    const words = [
      "$(touch pwned)",
      "`touch pwned`",
      "a;touch${IFS}pwned",
      "' \" \\",
      "-n",
      "",
      "two\nlines",
      "\u202e",
    ];
    await runCommand(
      spec([process.execPath, "-e", "console.log(JSON.stringify(process.argv.slice(1)))", "--", ...words]),
    );
    expect(JSON.parse(log())).toEqual(words);
    expect(existsSync(join(root, "pwned"))).toBe(false);
  });

  it("has the processor after the daemon and the services", async () => {
    // The runner is what steps back, once it was started; whatever it starts after that inherits it.
    const waits = "while (require('os').getPriority(process.ppid) <= 0);";
    expect(await runCommand(node(waits))).toMatchObject({ ended: "exited", code: 0 });
  });

  it("is a program also when its name is that of a shell builtin", async () => {
    await writeFile(join(root, "exit"), "#!/bin/sh\necho mine\n", { mode: 0o755 });
    expect(await runCommand(spec(["exit"], { env: { PATH: `${root}:/usr/bin:/bin` } }))).toMatchObject({ code: 0 });
    expect(log()).toBe("mine\n");
  });

  it("gets the given environment, and of the daemon's only how to reach the network", async () => {
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "of the daemon");
    for (const name of Object.keys(networkEnvironment())) vi.stubEnv(name, undefined);
    vi.stubEnv("HTTPS_PROXY", "http://proxy.example:3128");
    await runCommand(node("console.log(JSON.stringify(process.env))", { env: { TOKEN: "with 'quotes' \n and $x" } }));
    const { PWD: _added, ...env } = JSON.parse(log());
    const passedOn = ["FAIRWAY_COMMAND", "HOME", "HTTPS_PROXY", "LANG", "PATH", "TMPDIR", "TOKEN"];
    expect(Object.keys(env).toSorted()).toEqual(passedOn);
    expect(env.TOKEN).toBe("with 'quotes' \n and $x");
  });

  it("reads nothing and has no terminal", async () => {
    expect(await runCommand(sh("cat; test -t 1 || echo no terminal"))).toMatchObject({ tail: ["no terminal"] });
  });

  it("that is ended by a signal says which", async () => {
    expect(await runCommand(sh("kill -9 $$"))).toMatchObject({ ended: "signalled", signal: "SIGKILL" });
    expect(await runCommand(sh("exit 200", { directory: join(root, "other") }))).toMatchObject({
      ended: "exited",
      code: 200,
    });
  });

  it("keeps what it says from others' eyes but the masked log", async () => {
    const secret = "hunter2'$x\nsecond line";
    await runCommand(
      node(
        "const s = process.env.TOKEN; console.log(s, JSON.stringify(s), encodeURIComponent(s), btoa(s)); require('fs').writeFileSync('ready', '');",
        {
          env: { TOKEN: secret },
          secrets: [secret],
        },
      ),
    );
    expect(log()).toBe('*** "***" *** ***\n');
    expect((await stat(join(root, "command/state"))).mode & 0o777).toBe(0o700);
    expect(existsSync(join(root, "command/state/raw"))).toBe(false);
    expect(readFileSync(join(root, "command/state/plan.json"), "utf8")).not.toContain("hunter2");
  });

  it("that floods its log is cut and cannot fill the disk", async () => {
    const running = runCommand(
      sh("yes | head -c 30000000; touch written; sleep 0.2; yes | head -c 30000000", {
        limits: { bytesPerLine: 100, bytes: 100_000 },
      }),
    );
    await appears("written");
    await vi.waitFor(() => expect(statSync(join(root, "command/state/raw")).size).toBe(100_001), { interval: 5 });
    expect(await running).toMatchObject({ ended: "exited", code: 0 });
    expect(log().length).toBeLessThan(100_200);
    expect(log()).toMatch(/\n\[log cut: /);
  });
});

describe("a command that cannot be started", () => {
  it.each([
    [["no-such-program"], /^there is no program "no-such-program" on the PATH \(\//],
    [["./missing"], /^there is no program \/.*\/missing$/],
    [["./data"], /data is not an executable file$/],
  ] satisfies [Argv, RegExp][])("%j", async (argv, message) => {
    await writeFile(join(root, "data"), "");
    await expect(runCommand(spec(argv))).rejects.toMatchObject({
      code: "command_failed",
      message: expect.stringMatching(message),
    });
    await expect(runCommand(spec(argv))).rejects.toMatchObject({ code: "command_failed" });
  });

  it("says when its directory is missing, and when a variable cannot be passed", async () => {
    await expect(runCommand(sh(":", { cwd: join(root, "gone") }))).rejects.toThrow(/there is no directory .*gone/);
    await expect(runCommand(sh(":", { env: { "a-b": "1" } }))).rejects.toThrow(/"a-b" cannot be passed/);
  });
});

describe("ending", () => {
  it("stops a command and what it started, in its group or not, and waits until all are gone", async () => {
    const stop = new AbortController();
    const bare = "env -i setsid sh -c 'echo $$ > bare.new; mv bare.new bare; exec sleep 600'";
    const running = runCommand(sh(`sleep 600 & setsid sleep 600 & ${bare} & wait`), { signal: stop.signal });
    await appears("bare");
    stop.abort();
    expect(await running).toMatchObject({ ended: "stopped" });
    const stat = `/proc/${readFileSync(join(root, "bare"), "utf8").trim()}/stat`;
    // Whoever inherited it may not have reaped it yet.
    expect(existsSync(stat) ? readFileSync(stat, "utf8") : "1 (sleep) Z").toMatch(/\) Z/);
    expect(await runCommand(sh("touch again"))).toMatchObject({ ended: "stopped" });
    expect(existsSync(join(root, "again"))).toBe(false);
  });

  it("gives a command its grace", async () => {
    const stop = new AbortController();
    const running = runCommand(sh("trap 'echo bye; exit 0' TERM; touch up; while :; do sleep 0.01; done"), {
      signal: stop.signal,
    });
    await appears("up");
    stop.abort();
    expect(await running).toMatchObject({ ended: "stopped", tail: expect.arrayContaining(["bye"]) });
  });

  it("kills what ignores SIGTERM once the grace is over", async () => {
    const stop = new AbortController();
    const running = runCommand(sh("trap '' TERM; touch up; while :; do sleep 0.01; done", { grace: 100 }), {
      signal: stop.signal,
    });
    await appears("up");
    stop.abort();
    expect(await running).toMatchObject({ ended: "stopped" });
  });

  it("ends a command whose time is over", async () => {
    // Whether it got to say something in this time depends on the machine.
    const outcome = await runCommand(sh("echo begin; exec sleep 600", { timeout: 150 }));
    expect(outcome).toMatchObject({ ended: "timed-out" });
    expect(outcome.duration).toBeGreaterThanOrEqual(150);
  });

  it("starts nothing when it is stopped before", async () => {
    expect(await runCommand(sh("touch up"), { signal: AbortSignal.abort() })).toMatchObject({
      ended: "stopped",
      duration: 0,
    });
    expect(await runCommand(sh("touch up"))).toMatchObject({ ended: "stopped" });
    expect(existsSync(join(root, "up"))).toBe(false);
  });

  it("ends what a command left in the background, and does not wait for its output", async () => {
    expect(await runCommand(sh("sleep 600 & setsid sleep 600 & echo done"))).toMatchObject({
      ended: "exited",
      code: 0,
    });
  });
});

describe("a daemon that leaves", () => {
  /** Follows the command until the file appears, and lets go of it. */
  const until = async (file: string, command: CommandSpec): Promise<void> => {
    const detach = new AbortController();
    const running = runCommand(command, { detach: detach.signal });
    await Promise.all([
      expect(running).rejects.toThrow("leaving"),
      appears(file).then(() => detach.abort(new Error("leaving"))),
    ]);
  };

  it("finds the command again, and starts nothing", async () => {
    const command = sh("echo $$ >> starts; touch up; while [ ! -e go ]; do sleep 0.01; done; echo end; exit 4");
    await until("up", command);
    const running = runCommand(command);
    await turn();
    await writeFile(join(root, "go"), "");
    expect(await running).toMatchObject({ ended: "exited", code: 4, tail: ["end"] });
    expect(await runCommand(command)).toEqual(await running);
    expect(readFileSync(join(root, "starts"), "utf8").trim().split("\n")).toHaveLength(1);
  });

  it("learns how the command ended meanwhile, and makes the log whole with the same bytes", async () => {
    const command = sh("echo one hunter22; touch up; while [ ! -e go ]; do sleep 0.01; done; echo two; touch end", {
      secrets: ["hunter22"],
    });
    await until("up", command);
    const before = log();
    await writeFile(join(root, "go"), "");
    await appears("end");
    await writeFile(join(root, "command/log"), before.slice(0, 5));
    expect(await runCommand(command)).toMatchObject({ ended: "exited", code: 0 });
    expect(log()).toBe("one ***\ntwo\n");
  });

  it("withholds the rest of the log when the secrets changed meanwhile", async () => {
    const command = sh("touch up; while [ ! -e go ]; do sleep 0.01; done; echo hunter22", { secrets: ["hunter22"] });
    await until("up", command);
    await writeFile(join(root, "go"), "");
    expect(await runCommand({ ...command, secrets: ["hunter33"] })).toMatchObject({ ended: "exited", code: 0 });
    expect(log()).toMatch(/withheld: the secrets to mask changed/);
    expect(log()).not.toContain("hunter22");
  });

  it("leaves the deadline to the next: who asks is told, and so is the sweep", async () => {
    // The time that was set goes by while nobody follows: with a short one a busy machine would not get so far.
    const letTimePass = async (place: string): Promise<void> => {
      const plan = join(place, "state/plan.json");
      await writeFile(plan, JSON.stringify({ ...JSON.parse(await readFile(plan, "utf8")), timeout: 1 }));
    };
    const command = sh("touch up; sleep 600");
    await until("up", command);
    await letTimePass(command.directory);
    expect(await runCommand(command)).toMatchObject({ ended: "timed-out" });

    const other = sh("touch up2; sleep 600", { directory: join(root, "late") });
    await until("up2", other);
    await letTimePass(other.directory);
    await vi.waitFor(async () =>
      expect((await sweepCommands(root, () => true)).timedOut).toEqual([join(root, "late")]),
    );
    expect(await runCommand(other)).toMatchObject({ ended: "timed-out" });
  });

  it("has the sweep end what nobody will ask for, and only that", async () => {
    const wanted = sh("touch up; sleep 600");
    const abandoned = sh("echo secret; touch up2; sleep 600", {
      directory: join(root, "abandoned"),
      secrets: ["secret"],
    });
    await until("up", wanted);
    await until("up2", abandoned);
    const swept = await sweepCommands(root, (directory) => directory === wanted.directory);
    expect(swept).toEqual({ abandoned: [abandoned.directory], timedOut: [] });
    expect(await processesOfCommand(abandoned.directory, undefined)).toEqual([]);
    expect(existsSync(join(root, "abandoned/state/raw"))).toBe(false);
    expect((await processesOfCommand(wanted.directory, undefined)).length).toBeGreaterThan(0);
    const stop = AbortSignal.abort();
    expect(await runCommand(wanted, { signal: stop })).toMatchObject({ ended: "stopped" });
  });
});

describe("a command whose outcome is lost", () => {
  it("when its runner is killed, is ended and said to be lost, each time it is asked for", async () => {
    const command = sh("echo begin; touch up; sleep 600");
    const running = runCommand(command);
    running.catch(() => undefined);
    await appears("up");
    process.kill(runner(), "SIGKILL");
    await expect(running).rejects.toMatchObject({
      code: "command_failed",
      retryable: true,
      message: expect.stringContaining("its runner was killed"),
    });
    await expect(runCommand(command)).rejects.toMatchObject({ code: "command_failed", retryable: true });
    expect(log()).toBe("begin\n");
  });

  it("when the machine was restarted, is not started again", async () => {
    const command = sh("echo $$ >> starts; echo output");
    await runCommand(command);
    const state = join(root, "command/state");
    const plan = await readFile(join(state, "plan.json"), "utf8");
    await writeFile(join(state, "plan.json"), plan.replace(bootId(), "11111111-1111-1111-1111-111111111111"));
    await writeFile(join(state, "record"), `${process.pid} 1 11111111-1111-1111-1111-111111111111 .`);
    await writeFile(join(state, "outcome"), "");
    await rm(join(state, "finished.json"));
    await expect(runCommand(command)).rejects.toMatchObject({
      retryable: true,
      message: expect.stringContaining("restarted"),
    });
    expect(readFileSync(join(root, "starts"), "utf8").trim().split("\n")).toHaveLength(1);
  });
});

describe("a full disk", () => {
  const mounted = (directory: string): boolean => {
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=128k", "tmpfs", directory], { stdio: "ignore" });
      return true;
    } catch {
      return false;
    }
  };

  it("neither hides how a command ended nor keeps it from being stopped; the log is whole once there is room", async (context) => {
    const small = join(root, "small");
    await mkdir(small);
    if (!mounted(small)) return context.skip("a small file system can only be mounted by root");
    try {
      const command = sh(`echo begin; cat /dev/zero > ${small}/filling; touch up; sleep 600`, {
        directory: join(small, "one"),
      });
      const stop = new AbortController();
      const running = runCommand(command, { signal: stop.signal });
      running.catch(() => undefined);
      await appears("up");
      // Else its removal makes the room for the outcome, when the log had its own before the disk was full.
      const raw = await open(join(small, "one/state/raw"));
      stop.abort();
      await expect(running).rejects.toMatchObject({ code: "disk_full", retryable: true });
      await raw.close();
      expect(await processesOfCommand(command.directory, undefined)).toEqual([]);
      await rm(join(small, "filling"));
      expect(await runCommand(command)).toMatchObject({ ended: "stopped" });
      expect(readFileSync(join(small, "one/log"), "utf8")).toMatch(/^begin\n/);
    } finally {
      execFileSync("umount", [small]);
    }
  });
});

describe("two at once", () => {
  it("start one process", async () => {
    const command = sh("echo $$ >> starts; sleep 0.05");
    const [one, two] = await Promise.all([runCommand(command), runCommand(command)]);
    expect(one).toEqual(two);
    expect(readFileSync(join(root, "starts"), "utf8").trim().split("\n")).toHaveLength(1);
  });
});
