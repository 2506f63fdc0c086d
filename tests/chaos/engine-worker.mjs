// A daemon with synthetic stages, for the chaos tests to kill: it says on stdout what it does, one JSON object a line.
// Its effects go to tables that refuse what a stale holder does, as a target must.

import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { openEngine, openStore } from "@fairway/engine";

const { connectionString, startRuns = 0, environments = 2, engine: options = {} } = JSON.parse(process.argv[2] ?? "{}");
const say = (message) => process.stdout.write(`${JSON.stringify({ ...message, at: Date.now() })}\n`);

const store = openStore({ connectionString, max: 8 });

/** Refuses a token below the highest it has seen for the scope; writes down everything else. */
async function takeEffect(token, effect) {
  const accepted = await store.transaction(async (tx) => {
    await tx.rows("insert into target.scopes (scope) values ($1) on conflict do nothing", [token.scope]);
    const [scope] = await tx.rows("select seen::int as seen from target.scopes where scope = $1 for update", [
      token.scope,
    ]);
    if (token.epoch < scope.seen) return false;
    await tx.rows("update target.scopes set seen = $2 where scope = $1", [token.scope, token.epoch]);
    await tx.rows(
      "insert into target.effects (scope, epoch, run, attempt, step, nonce, pid) values ($1, $2, $3, $4, $5, $6, $7)",
      [token.scope, token.epoch, effect.run, effect.attempt, effect.step, effect.nonce, process.pid],
    );
    return true;
  });
  if (!accepted) throw Object.assign(new Error(`stale token ${token.epoch} for ${token.scope}`), { code: "fenced" });
}

const act = {
  name: "act",
  async run(attempt) {
    const { environment, steps, pause } = attempt.input;
    const token = await attempt.token(`${environment}/service`);
    const recorded = [];
    for (let number = 1; number <= steps; number++) {
      const step = `step ${number}`;
      recorded.push(
        await attempt.step(step, async () => {
          const nonce = randomUUID();
          await takeEffect(token, { run: attempt.run, attempt: attempt.id, step, nonce });
          say({ did: step, attempt: attempt.id });
          await wait(Math.random() * pause);
          return nonce;
        }),
      );
    }
    return { outcome: "succeeded", result: recorded };
  },
};

const poison = {
  name: "poison",
  run: (attempt) =>
    attempt.step("poison", () => {
      setImmediate(() => {
        throw new Error("nobody catches this");
      });
      return new Promise(() => {});
    }),
};

process.on("uncaughtException", (error) => void engine.dying(error).then(() => process.exit(70)));

const engine = await openEngine({
  store,
  stages: [act, poison],
  ...options,
  log: (level, message) => level === "debug" || say({ level, message }),
  onLost: (error) => {
    say({ lost: error.code });
    process.exit(75);
  },
});
say({ open: engine.worker });

const deploy = (environment, pause) => ({
  kind: "deployment",
  title: `deploy to ${environment}`,
  subject: null,
  requestedBy: "chaos",
  jobs: [
    { name: "approval", stage: "approval", needs: [], input: { needed: 1, digest: "d" } },
    { name: "lock", stage: "lock", needs: ["approval"], input: { environment } },
    { name: "act:a", stage: "act", needs: ["lock"], input: { environment, steps: 3, pause } },
    { name: "act:b", stage: "act", needs: ["act:a"], input: { environment, steps: 2, pause } },
  ].map((job) => ({ turn: "after-success", timeout: 600_000, ...job })),
});

process.on("message", (message) => void obey(message));

async function obey(message) {
  if (message.start) say({ started: await engine.startRun(message.start) });
  if (message.drain) {
    for (const run of await engine.runs({ open: true, limit: 1000 })) {
      if (run.state === "waiting" && (await engine.run(run.id)).jobs[0]?.state === "waiting")
        await engine.approve(run.id, { by: "chaos", answer: "yes", digest: "d" });
      await engine.ended(run.id);
    }
    say({ drained: true });
  }
  if (message.close) {
    await engine.close();
    await store.close();
    process.disconnect();
  }
}

for (let number = 0; number < startRuns; number++) {
  const run = await engine.startRun(deploy(`env-${number % environments}`, 60));
  say({ acknowledged: run });
  await engine.approve(run, { by: "chaos", answer: "yes", digest: "d" });
  await wait(Math.random() * 80);
}
