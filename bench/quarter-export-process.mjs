// Fills a record with 200,000 rows of evidence and exports their quarter; tells how long that took and the most memory it had.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createWriteStream } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { openAudit, quarterFile, quarterLines, quarterOf, quarterSeal, verifySeal } from "@fairway/engine";
import { fill, newSigningKey, withDuties } from "./duty-parts.mjs";

const folder = await mkdtemp(join(tmpdir(), "fairway-bench-export-"));
try {
  const told = await withDuties(async ({ store }) => {
    const key = newSigningKey();
    store.signAuditWith(key);
    const tell = (problem) => console.error(problem);
    const audit = await openAudit({ store, key, heads: join(folder, "heads.jsonl"), version: "bench", tell }, false);
    await fill(store);
    await audit.vouch();
    const now = new Date();
    const quarter = quarterOf(`${now.getUTCFullYear()}-Q${Math.floor(now.getUTCMonth() / 3) + 1}`);
    let memory = process.memoryUsage().rss;
    const looking = setInterval(() => (memory = Math.max(memory, process.memoryUsage().rss)), 20);
    const began = performance.now();
    await pipeline(
      Readable.from(quarterLines(store, quarter, "json")),
      createWriteStream(join(folder, quarterFile(quarter.name, "json"))),
    );
    const seal = join(folder, quarterFile(quarter.name, "seal"));
    await writeFile(seal, await quarterSeal({ store, audit, signer: key }, quarter));
    const took = performance.now() - began;
    clearInterval(looking);
    const { whole, problems } = await verifySeal(seal, null);
    if (!whole) throw new Error(problems.join("; "));
    return { took, memory };
  });
  process.send(told);
} finally {
  await rm(folder, { recursive: true, force: true });
}
