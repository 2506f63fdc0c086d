import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openAudit, recordAudit } from "@fairway/engine";
import { median, withEngine } from "./engine-parts.mjs";

export const name = "verifying an audit of 200,000 rows";
export const goal = { atMost: 5_000 };

const rounds = Number(process.env.FAIRWAY_BENCH_ROUNDS ?? 3);
const rows = 200_000;
const together = 1_000;

const { privateKey, publicKey } = generateKeyPairSync("ed25519");
const key = {
  id: "bench",
  key: privateKey,
  publicKey: publicKey.export({ type: "spki", format: "pem" }).toString(),
  nameSecret: () => "",
};

export async function run() {
  const folder = await mkdtemp(join(tmpdir(), "fairway-bench-"));
  try {
    return await withEngine([], async ({ store }) => {
      store.signAuditWith(key);
      const heads = join(folder, "heads.jsonl");
      const audit = await openAudit(
        { store, key, heads, version: "bench", tell: (problem) => console.error(problem) },
        false,
      );
      for (let done = 0; done < rows; done += together)
        await store.transaction(async (tx) => {
          for (let row = done; row < done + together; row++)
            recordAudit(tx, {
              actor: { kind: "person", id: `p${row % 50}`, name: `person ${row % 50}` },
              action: "deployment.requested",
              subject: `run-${row}`,
              environment: "production",
              detail: { by: `person ${row % 50}`, release: `r${row}`, digest: `sha256:${"ab".repeat(32)}` },
            });
        });
      await audit.vouch();
      const ours = [];
      for (let round = 0; round < rounds; round++) {
        const began = performance.now();
        const { whole, rows: read } = await audit.verify();
        ours.push(performance.now() - began);
        if (!whole || read < rows) throw new Error(`the record of ${read} rows is not whole`);
      }
      return { ours: median(ours), unit: "ms" };
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
