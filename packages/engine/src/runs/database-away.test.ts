import { afterEach, expect, test } from "vitest";
import type { ScratchDirectory } from "../database/test-database.ts";
import { scratchDirectory } from "../database/test-database.ts";
import { openEmbeddedPostgres } from "../database/embedded-postgres.ts";
import { openStore } from "../store/store.ts";
import { openEngine } from "./engine.ts";
import { job, moment, plan, stage } from "./engine-for-tests.ts";

let scratch: ScratchDirectory | undefined;
let close: (() => Promise<void>) | undefined;
afterEach(async () => {
  await close?.();
  await scratch?.remove();
});

test("while the database is away steps pause and questions are answered with a no; then all goes on, and nothing twice", async () => {
  scratch = await scratchDirectory();
  const server = await openEmbeddedPostgres({ directory: scratch.path, settings: { fsync: "off" } });
  const store = openStore({ connectionString: server.connectionString, max: 8 });
  const done: string[] = [];
  const killed = moment();
  const engine = await openEngine({
    store,
    heartbeat: 200,
    lease: 600,
    stages: [
      stage("work", async (attempt) => {
        for (let number = 1; number <= 4; number++)
          await attempt.step(`${number}`, async () => {
            done.push(`${attempt.job} ${number}`);
            if (done.length === 6) {
              process.kill(server.pid, "SIGKILL");
              killed.happen();
            }
            return number;
          });
      }),
    ],
  });
  close = async () => {
    await engine.close();
    await store.close();
    await server.stop();
  };
  const id = await engine.startRun(plan(job("work:a"), job("work:b"), job("work:c", ["work:a"])));
  await killed.happened;
  const answers: unknown[] = [];
  for (let asked = 0; asked < 20 && answers.length === 0; asked++)
    await engine.runs().catch((error: unknown) => answers.push(error));
  expect(answers[0]).toMatchObject({ code: "database_unavailable", retryable: true });
  expect((await engine.ended(id)).state).toBe("succeeded");
  expect(done).toHaveLength(12);
  expect(new Set(done).size).toBe(12);
});
