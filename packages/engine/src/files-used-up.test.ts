import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runInChild } from "./database/run-in-child.ts";
import { freshDatabase } from "./database/test-database.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "fairway-files-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** Opens files until none can be opened any more, and lets them go again. */
const usingUp = `
  const fs = await import("node:fs");
  const held = [];
  const useUp = () => { try { for (;;) held.push(fs.openSync("/dev/null")); } catch (thrown) { if (thrown.code !== "EMFILE") throw thrown; } };
  const letGo = () => { for (const file of held.splice(0)) fs.closeSync(file); };
  const told = (thrown) => ({ code: thrown.code, retryable: thrown.retryable, hint: thrown.hint });`;

async function said(file: string, code: string): Promise<unknown> {
  const { child, line } = await runInChild(new URL(file, import.meta.url), `${usingUp}${code}`, { files: 200 });
  if (child.exitCode === null) await once(child, "exit");
  return JSON.parse(line);
}

const advice = expect.stringContaining("ulimit -n") as string;

test("a command that cannot be started for want of open files says so, and is started once there are some", async () => {
  const found = await said(
    "./commands/run-command.ts",
    `
    const spec = { directory: ${JSON.stringify(join(root, "command"))}, argv: ["sh", "-c", "exit 3"], cwd: "/", env: {}, secrets: [], timeout: 60000, grace: 1000 };
    useUp();
    const refused = await ours.runCommand(spec).catch(told);
    letGo();
    const { ended, code } = await ours.runCommand(spec);
    console.log(JSON.stringify({ refused, started: { ended, code } }));`,
  );
  expect(found).toEqual({
    refused: { code: "command_failed", retryable: true, hint: advice },
    started: { ended: "exited", code: 3 },
  });
});

test("a command that runs is not lost sight of while no file can be opened", async () => {
  const found = await said(
    "./commands/run-command.ts",
    `
    const [up, go] = ${JSON.stringify([join(root, "up"), join(root, "go")])};
    const spec = { directory: ${JSON.stringify(join(root, "command"))}, argv: ["sh", "-c", 'touch "$0"; while [ ! -e "$1" ]; do sleep 0.05; done; exit 4', up, go], cwd: "/", env: {}, secrets: [], timeout: 60000, grace: 1000 };
    const running = ours.runCommand(spec).then(({ ended, code }) => ({ ended, code }), told);
    while (!fs.existsSync(up)) await new Promise((resolve) => setTimeout(resolve, 10));
    useUp();
    await Promise.race([running, new Promise((resolve) => setTimeout(resolve, 300))]);
    letGo();
    fs.writeFileSync(go, "");
    console.log(JSON.stringify(await running));`,
  );
  expect(found).toEqual({ ended: "exited", code: 4 });
});

test("a database that cannot be reached for want of open files is away, and is there again once there are some", async () => {
  const database = await freshDatabase();
  try {
    const found = await said(
      "./store/store.ts",
      `
      const store = ours.openStore({ connectionString: ${JSON.stringify(database.connectionString)} });
      useUp();
      const refused = await store.rows("select 1").catch(told);
      letGo();
      const answer = await store.rows("select 1 as one");
      await store.close();
      console.log(JSON.stringify({ refused, answer }));`,
    );
    expect(found).toEqual({
      refused: { code: "database_unavailable", retryable: true, hint: advice },
      answer: [{ one: 1 }],
    });
  } finally {
    await database.drop();
  }
});
