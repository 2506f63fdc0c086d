import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { needs } from "../../../../tools/skips.ts";
import { vercelProgram } from "../../fixtures/platform-doubles.ts";
import { vercelOutput } from "./vercel-output.ts";

const files = {
  "index.html": "<h1>blocks</h1>",
  "package.json": '{"name":"shop","version":"1.0.0"}',
  "vercel.json": '{"functions":{"api/hello.js":{"includeFiles":"data/**"}}}',
  "api/hello.js": "module.exports = (request, response) => response.end('hello');",
  "data/words.txt": "hello",
  ".vercel/project.json": '{"projectId":"prj_1","orgId":"team_1","settings":{"nodeVersion":"24.x"}}',
};

/** What the real `vercel build` leaves in a folder with these files. */
async function built(words: readonly string[]): Promise<string> {
  const root = mkdtempSync(join(tmpdir(), "fairway-vercel-build-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const shop = join(root, "shop");
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(shop, path)), { recursive: true });
    writeFileSync(join(shop, path), text);
  }
  await promisify(execFile)(process.execPath, [vercelProgram, "build", "--yes", "--token", "none", ...words], {
    cwd: shop,
    timeout: 110_000,
    env: {
      PATH: process.env["PATH"],
      HOME: root,
      CI: "1",
      VERCEL_TELEMETRY_DISABLED: "1",
      NO_UPDATE_NOTIFIER: "1",
      // It asks its registry whether it is the newest; here nobody answers.
      npm_config_registry: "http://127.0.0.1:9",
    },
  });
  return shop;
}

test.skipIf(!needs("platform-doubles", "time"))(
  "what `vercel build` leaves says whose variables it had, and what its functions only name is sent with it",
  async () => {
    const shop = await built([]);
    const output = await vercelOutput(shop);
    if ("refused" in output) throw new Error(output.refused);
    expect(output.builtFor).toBe("preview");
    const sent = output.files.map(({ path }) => path);
    expect(sent).toEqual(
      expect.arrayContaining([".vercel/output/config.json", ".vercel/output/static/index.html", "data/words.txt"]),
    );
    // The same, taken out of its place, would be a function without its words.
    expect(await vercelOutput(join(shop, ".vercel/output"))).toEqual({
      refused: expect.stringMatching(/^has a function api\/hello\.func that needs data\/words\.txt/u),
    });
  },
  120_000,
);

test.skipIf(!needs("platform-doubles", "time"))(
  "with `--prod --standalone` it is for production, and has all that it needs within it",
  async () => {
    const output = await vercelOutput(join(await built(["--prod", "--standalone"]), ".vercel/output"));
    if ("refused" in output) throw new Error(output.refused);
    expect(output.builtFor).toBe("production");
    const sent = output.files.map(({ path }) => path);
    expect(sent).toContain(".vercel/output/functions/api/hello.func/data/words.txt");
    expect(sent.every((path) => path.startsWith(".vercel/output/"))).toBe(true);
  },
  120_000,
);
