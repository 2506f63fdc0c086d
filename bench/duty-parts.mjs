import { generateKeyPairSync } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cronClock } from "@fairway/config";
import { dutyControl, keyIdOf, recordAudit } from "@fairway/engine";
import { withEngine } from "./engine-parts.mjs";

// What the benches of duties have in common: 500 duties with 200,000 rows of evidence.

const count = 500;
const perDuty = 400;
const together = 2_000;

const person = { kind: "person", id: "p1", name: "ada" };

/** Duties of production, every third by a schedule, behind one gate. */
const files = {
  "people.yaml": "roles:\n  lead:\n    people: [{ name: ada }]\n",
  "duties.yaml": `duties:\n${Array.from(
    { length: count },
    (_, index) =>
      `  drill/d${index}: { title: Drill, owner: lead, environment: production, ${index % 3 === 0 ? `cron: "15 2 * * *", from: 2026-01-01` : "every: P1M, from: 2026-01-31"} }\n`,
  ).join("")}`,
  "gates.yaml": "gates:\n  - { environment: production, require: [drill/*], owner: lead }\n",
};

/** Gives a bench duties that are read, and on request their evidence. */
export async function withDuties(work) {
  const folder = await mkdtemp(join(tmpdir(), "fairway-bench-"));
  try {
    return await withEngine([], async ({ store }) => {
      const duties = dutyControl({
        store,
        clock: cronClock,
        now: Date.now,
        scratch: folder,
        repository: {
          checkout: async (_sha, directory) => {
            await mkdir(join(directory, "ops"), { recursive: true });
            for (const [name, text] of Object.entries(files)) await writeFile(join(directory, "ops", name), text);
          },
        },
      });
      await duties.reader.look("bench");
      return work({ store, duties, folder });
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Puts 200,000 rows of evidence on record, the duties in turn. */
export async function fill(store) {
  const at = new Date().toISOString();
  for (let done = 0; done < count * perDuty; done += together)
    await store.transaction(async (tx) => {
      for (let row = done; row < done + together; row++)
        recordAudit(tx, {
          actor: person,
          action: "evidence.passed",
          subject: `drill/d${row % count}`,
          environment: "production",
          detail: {
            ...{ duty: `drill/d${row % count}`, release: null, outcome: "passed", observedAt: at, automation: null },
            ...{ note: "", facts: { rto_seconds: row }, artifacts: [], digest: null, validUntil: null },
            ...{ slot: null, corrects: null, commit: "bench" },
          },
        });
    });
  await store.rows("analyze fairway.audit");
}

/** The value below which 95 of 100 lie. */
export const p95 = (values) => values.toSorted((one, other) => one - other)[Math.floor(values.length * 0.95)] ?? NaN;

/** A key that rows and heads of a bench's record are signed with. */
export function newSigningKey() {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const pem = publicKey.export({ type: "spki", format: "pem" }).toString();
  return { id: keyIdOf(publicKey), key: privateKey, publicKey: pem, nameSecret: () => "" };
}
