import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { capabilities } from "../tools/capabilities.mjs";
import { median, succeeded, withProduct } from "./product-parts.mjs";

export const name = "planning 1,000 resources, beside terraform plan and show";
export const goal = { atMost: 1.1 };

const execute = promisify(execFile);
const rounds = Number(process.env.FAIRWAY_BENCH_ROUNDS ?? 7);
const tools = fileURLToPath(new URL("../.cache/quality-tools/bin", import.meta.url));
const code = `resource "terraform_data" "a" {
  count = 1000
  input = { name = "resource-\${count.index}", size = count.index }
}
`;

export async function run() {
  if (!capabilities.terraform.isThere()) return { skipped: capabilities.terraform.what };
  process.env.PATH = `${process.env.PATH ?? ""}${delimiter}${tools}`;
  const folder = await mkdtemp(join(tmpdir(), "fairway-bench-"));
  const configuration = JSON.stringify({
    name: "bench",
    services: { web: { run: "node server.mjs" } },
    infrastructure: { cloud: { folder: "cloud" } },
    environments: { place: { deploys: "on-request" } },
  });
  try {
    await writeFile(join(folder, "main.tf"), code);
    await terraform(folder, ["init", "-input=false"]);
    return await withProduct(
      configuration,
      async ({ client }) => {
        const [ours, theirs] = [[], []];
        for (let round = 0; round <= rounds; round++) {
          ours.push(await planned(client()));
          theirs.push(await bare(folder));
        }
        const [fairway, alone] = [median(ours.slice(1)), median(theirs.slice(1))];
        process.stderr.write(`  fairway ${Math.round(fairway)} ms, terraform ${Math.round(alone)} ms\n`);
        return { ours: fairway / alone, unit: "×" };
      },
      { files: { "cloud/main.tf": code } },
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * How long a plan takes, from the program's start until it is read, sealed and kept. @param {import("@fairway/api").Client} api
 */
async function planned(api) {
  const { id } = await api.call("planInfrastructure", { environment: "place", of: "HEAD", by: "bench" });
  await succeeded(api, id);
  const { jobs } = await api.call("run", { run: id });
  const step = jobs[0]?.steps.find((one) => one.name === "plan");
  return Date.parse(step?.endedAt ?? "") - Date.parse(step?.startedAt ?? "");
}

/** @param {string} folder */
async function bare(folder) {
  const began = performance.now();
  await terraform(folder, ["plan", "-input=false", "-out=plan.bin"]);
  await terraform(folder, ["show", "-json", "plan.bin"]);
  return performance.now() - began;
}

/** @param {string} cwd @param {readonly string[]} words */
const terraform = (cwd, words) =>
  execute("terraform", words, { cwd, maxBuffer: 2 ** 30, env: { ...process.env, CHECKPOINT_DISABLE: "1" } });
