import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { needs } from "../../../../tools/skips.ts";
import { runBrowserJourney } from "./browser-journey.ts";
import { settingsOf } from "./live-ask.ts";
import { runJourney } from "./run-journey.ts";

const folder = mkdtempSync(join(tmpdir(), "fairway-browser-"));
const releases: unknown[] = [];
const server = createServer((request, response) => {
  releases.push(request.headers["x-fairway-release"]);
  response.writeHead(200, { "content-type": "text/html", "set-cookie": "session=s3cret" }).end("<h1>Shop</h1>");
});
let url = "";
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://shop.localhost:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

function written(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}
const settings = (): ReturnType<typeof settingsOf> =>
  settingsOf({ FAIRWAY_URL: url, FAIRWAY_RELEASE: "r7", FAIRWAY_ENVIRONMENT: "staging", GIT_SHA: "abc" });
const journey = (file: string): ReturnType<typeof runJourney> =>
  runJourney({ words: [file], options: {}, keep: folder, settings: settings() });

describe.skipIf(!needs("chromium"))("a journey in a browser", () => {
  test("is made step by step, with the release in each request, and leaves nothing when all is well", async () => {
    const file = written(
      "well.mjs",
      `export const steps = [
        { name: "open", run: async ({ page, url }) => { await page.goto(url); } },
        { name: "read", run: async ({ page }) => { if ((await page.textContent("h1")) !== "Shop") throw new Error("no"); } },
      ];`,
    );
    const report = await journey(file);
    expect(report).toMatchObject({ status: "passed", files: [] });
    expect(report.tests.map(({ name, state }) => `${name} ${state}`)).toEqual(["open passed", "read passed"]);
    expect(releases[0]).toBe("r7");
    expect(existsSync(join(folder, "journey.har"))).toBe(false);
  });

  test("that fails leaves a picture and a HAR without cookies; where machines keep credentials it does not get", async () => {
    const file = written(
      "bad.mjs",
      `export const steps = {
        open: async ({ page, url }) => { await page.goto(url + "/?session=s3cret#access_token=s3cret"); },
        away: async ({ page }) => { const answer = await page.goto("http://169.254.169.254/latest?session=s3cret"); throw new Error("status " + answer.status()); },
        later: async () => {},
      };`,
    );
    const report = await journey(file);
    expect(report.status).toBe("failed");
    expect(report.tests.map(({ state }) => state)).toEqual(["passed", "failed", "skipped"]);
    expect(report.tests[1]?.message).toBe("status 502");
    expect(report.tests[1]?.exchange).toBe("at http://169.254.169.254/latest?session=•••");
    expect(report.files.map(({ name }) => name)).toEqual(["failure.png", "journey.har"]);
    const har = readFileSync(join(folder, "journey.har"), "utf8");
    expect(har).toContain("shop.localhost");
    expect(har).not.toContain("s3cret");
  });

  test("whose browser hangs is told all the same", async () => {
    const pid = join(folder, "pid");
    const program = written(
      "chromium.sh",
      `#!/bin/sh\necho $$ > '${pid}'\nfor name in chromium chromium-browser google-chrome; do command -v $name >/dev/null && exec $name "$@"; done\n`,
    );
    chmodSync(program, 0o755);
    vi.stubEnv("FAIRWAY_CHROMIUM", program);
    onTestFinished(() => {
      vi.unstubAllEnvs();
      // Playwright makes it the first of a group of its own.
      process.kill(-Number(readFileSync(pid, "utf8")), "SIGKILL");
    });
    const file = written(
      "hangs.mjs",
      `import { readFileSync } from "node:fs";
      export const steps = [{ name: "hang", run: async ({ page, url }) => {
        await page.goto(url);
        process.kill(-Number(readFileSync(${JSON.stringify(pid)}, "utf8")), "SIGSTOP");
        throw new Error("nothing moves");
      } }];`,
    );
    const report = await runBrowserJourney(file, { keep: null, settings: settings() }, 100);
    expect(report).toMatchObject({ status: "failed", tests: [{ name: "hang", message: "nothing moves" }] });
  });
});

test("a module without steps is refused", async () => {
  await expect(journey(written("none.mjs", "export const other = 1;"))).rejects.toThrow("exports no steps");
});
