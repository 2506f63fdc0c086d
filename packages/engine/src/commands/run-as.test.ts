import { chmodSync, chownSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { needs } from "../../../../tools/skips.ts";
import { processesOfCommand } from "./processes.ts";
import { type CommandSpec, runCommand } from "./run-command.ts";

/** Some user that is not root and need not be in the system's list. */
const user = { uid: 54_321, gid: 54_322 };

let root: string;
let home: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "fairway-run-as-"));
  chmodSync(root, 0o711);
  home = join(root, "home");
  mkdirSync(home, { mode: 0o700 });
  chownSync(home, user.uid, user.gid);
});
afterEach(async () => {
  const left = await processesOfCommand(join(root, "command"), undefined);
  rmSync(root, { recursive: true, force: true });
  if (left.length > 0) throw new Error(`processes are left: ${left.map(({ pid }) => pid).join(", ")}`);
});

const sh = (script: string, more: Partial<CommandSpec> = {}): CommandSpec => ({
  directory: join(root, "command"),
  argv: ["sh", "-c", script],
  cwd: home,
  env: { HOME: home },
  secrets: [],
  timeout: 20_000,
  grace: 5_000,
  user,
  ...more,
});
const log = (): string => readFileSync(join(root, "command/log"), "utf8");

describe.skipIf(!needs("root"))("a command of another user", () => {
  it("is that user and nobody else, in its folder and with its variables only", async () => {
    const outcome = await runCommand(
      sh('id -u; id -g; id -G; pwd; touch mine; echo "$WORD"; env | grep -c "^SECRET_OF_DAEMON" || true', {
        env: { HOME: home, WORD: "two words", "INPUT_FETCH-DEPTH": "1" },
        anyNames: true,
      }),
    );
    expect(outcome).toMatchObject({ ended: "exited", code: 0 });
    expect(log().split("\n")).toEqual(["54321", "54322", "54322", home, "two words", "0", ""]);
  });

  it("ends with its own code, or by its own signal", async () => {
    expect(await runCommand(sh("exit 7"))).toMatchObject({ ended: "exited", code: 7 });
    expect(await runCommand(sh("kill -TERM $$", { directory: join(root, "other") }))).toMatchObject({
      ended: "signalled",
      signal: "SIGTERM",
    });
  });

  it("cannot read what is root's, nor the records about itself", async () => {
    writeFileSync(join(root, "secret"), "hush", { mode: 0o600 });
    await runCommand(sh(`cat ../secret; ls ../command/state; cat /proc/1/environ; true`));
    expect(log()).not.toContain("hush");
    expect(log().match(/Permission denied/gu)).toHaveLength(3);
  });

  it("may open its output again, as programs do", async () => {
    await runCommand(sh("echo one > /dev/stdout; echo two >> /dev/stderr"));
    expect(log()).toBe("one\ntwo\n");
  });

  it("gets nothing into a process that is still root", async () => {
    const evil = join(home, "evil.cjs");
    writeFileSync(
      evil,
      `require("node:fs").writeFileSync(${JSON.stringify(join(root, "pwned"))}, String(process.getuid()))`,
    );
    const env = { HOME: home, NODE_OPTIONS: `--require=${evil}`, LD_PRELOAD: join(home, "none.so"), ENV: evil };
    await runCommand(sh("node -e 0 || true", { env }));
    expect(() => readFileSync(join(root, "pwned"), "utf8")).toThrow("ENOENT");
  });

  it("leaves no variable in anybody's words", async () => {
    const outcome = await runCommand(
      sh("cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' ' | grep -c 'hush[-]hush' || true", {
        env: { HOME: home, TOKEN: "hush-hush" },
      }),
    );
    expect(outcome).toMatchObject({ code: 0 });
    expect(log()).toBe("0\n");
  });

  it("is ended when it is told to, with all that it started", async () => {
    const stop = new AbortController();
    const ended = runCommand(sh("trap '' TERM; sleep 600 & sleep 600", { grace: 100 }), { signal: stop.signal });
    const running = async (): Promise<number> => (await processesOfCommand(join(root, "command"), undefined)).length;
    await expect.poll(running, { timeout: 15_000 }).toBeGreaterThan(3);
    stop.abort();
    expect(await ended).toMatchObject({ ended: "stopped" });
  });

  it("that cannot be started says so", async () => {
    chmodSync(home, 0o700);
    chownSync(home, 0, 0);
    const outcome = await runCommand(sh("true"));
    expect(outcome).toMatchObject({ ended: "exited", code: 126 });
    expect(log()).toMatch(/EACCES|permission denied/u);
  });
});
