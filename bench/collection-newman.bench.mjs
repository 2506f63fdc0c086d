import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { median } from "./product-parts.mjs";

export const name = "a collection of 200 requests, as a share of Newman's own speed";
export const goal = { atLeast: 90 };

const rounds = Number(process.env.FAIRWAY_BENCH_ROUNDS ?? 3);
const program = fileURLToPath(import.meta.resolve("@fairway/builtin/live-checks"));
const newman = join(
  dirname(createRequire(new URL("../plugins/builtin/package.json", import.meta.url)).resolve("newman/package.json")),
  "bin/newman.js",
);

const collection = {
  info: { name: "bench", schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json" },
  item: Array.from({ length: 200 }, (_, index) => ({
    name: `request ${index}`,
    request: `{{baseUrl}}/${index}`,
    event: [{ listen: "test", script: { exec: ["pm.test('is well', () => pm.response.to.have.status(200));"] } }],
  })),
};

/** @param {readonly string[]} args @param {Readonly<Record<string, string>>} env */
function millisOf(args, env) {
  const began = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    env: { ...process.env, ...env },
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${args.join(" ")}: ${stdout}${stderr}`.slice(0, 2000));
  return performance.now() - began;
}

/** Both run the same file against the same server, in turns, from the start of their process to its end. */
export async function run() {
  const folder = mkdtempSync(join(tmpdir(), "fairway-bench-"));
  const file = join(folder, "bench.json");
  writeFileSync(file, JSON.stringify(collection));
  const server = spawn(process.execPath, [
    "-e",
    "require('http').createServer((q, s) => s.end('{}')).listen(0, '127.0.0.1', function () { console.log(this.address().port) })",
  ]);
  try {
    const port = await new Promise((resolve) => server.stdout.once("data", (text) => resolve(String(text).trim())));
    const url = `http://127.0.0.1:${port}`;
    const [ours, theirs] = [[], []];
    for (let round = 0; round < rounds; round++) {
      theirs.push(millisOf([newman, "run", file, "--env-var", `baseUrl=${url}`], {}));
      ours.push(
        millisOf([program, "collection", file, "--report", join(folder, "report")], {
          FAIRWAY_URL: url,
          FAIRWAY_RELEASE: "r1",
        }),
      );
    }
    return { ours: Math.round((median(theirs) / median(ours)) * 100), anchor: 100, unit: "%" };
  } finally {
    server.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}
