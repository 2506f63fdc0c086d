import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import type { ProcessWorld } from "../../fixtures/process-world.ts";
import { hasFailed, isReady, processWorld } from "../../fixtures/process-world.ts";
import { secretsHider } from "./secrets-hider.ts";

let world: ProcessWorld | null = null;
afterEach(async () => {
  await world?.close();
  world = null;
});

const secrets = ["s3cret/+value", "line one\nline two"];
const prints = (text: string): readonly [string, ...string[]] => [
  process.execPath,
  "-e",
  `console.log(${JSON.stringify(text)}); process.exit(1)`,
];

test("no secret of four letters or more is left in a text, whatever is around it", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ minLength: 4 }), { minLength: 1 }), fc.string(), (values, around) => {
      const given = values.map((value) => value.trim()).filter((value) => value.length >= 4 && !value.includes("*"));
      const shown = secretsHider(given)(given.map((value) => `${around}${value}`).join(" "));
      expect(given.filter((value) => !around.includes(value) && shown.includes(value))).toEqual([]);
    }),
  );
});

test("also each line of a secret, and what tools make of it", () => {
  const hide = secretsHider(secrets);
  expect(hide("a line two b, s3cret%2F%2Bvalue, czNjcmV0Lyt2YWx1ZQ==")).toBe("a *** b, ***, ***==");
  expect(secretsHider(["abc", ""])("abc")).toBe("abc");
  expect(secretsHider(["pay$&me"])("pay$&me")).toBe("***");
});

test("the reason of a replica that fails holds no secret, and its log is as it was written", async () => {
  world = processWorld();
  const { reason } = await world.run([], hasFailed, { command: prints("key s3cret/+value refused"), secrets });
  expect(reason).toBe("exited with code 1; its last lines:\nkey *** refused");
});

test("nor does what it says about its health", async () => {
  world = processWorld();
  const health = { path: "/healthz", interval: 20, timeout: 500, startWithin: 1500 };
  const { reason } = await world.run(["ill"], hasFailed, { health, secrets: ["no database"] });
  expect(reason).toMatch(/it answered 500: \*\*\*/);
});

test("of one that another daemon started the last lines are told only when it had no secrets", async () => {
  world = processWorld();
  await world.run(["well"], isReady, { secrets });
  world = world.reopen();
  process.kill(await world.pidOf("a.0"), "SIGKILL");
  expect((await world.until(hasFailed)).reason).toBe(
    "was ended by SIGKILL (exit code 137); what it wrote last is in its log only, since it may hold secrets",
  );
  await world.close();
  world = processWorld();
  await world.run(["well"], isReady);
  world = world.reopen();
  process.kill(await world.pidOf("a.0"), "SIGKILL");
  expect((await world.until(hasFailed)).reason).toContain("its last lines:\nwell starts");
});
