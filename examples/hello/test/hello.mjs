import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("../server.mjs", import.meta.url));

test("says hello with its release, is healthy, and ends with 0 when it is told to", async () => {
  const child = spawn(process.execPath, [program], {
    env: { PORT: "0", FAIRWAY_RELEASE: "r1", GIT_SHA: "abc1234def", FAIRWAY_ENVIRONMENT: "staging" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [line] = await once(child.stdout, "data");
    const url = `http://${/\S+:\d+/.exec(line)[0]}`;
    assert.equal(await (await fetch(url)).text(), "Hello from r1 (abc1234) in staging.\n");
    assert.equal((await fetch(`${url}/healthz`)).status, 200);
    assert.equal((await fetch(`${url}/nothing`)).status, 404);
    assert.equal((await fetch(url, { method: "POST", body: "x" })).status, 405);
    child.kill("SIGTERM");
    assert.deepEqual(await once(child, "exit"), [0, null]);
  } finally {
    child.kill("SIGKILL");
  }
});
