import { afterAll, beforeAll, expect, test } from "vitest";
import type { Fairway } from "./support/fairway-under-test.ts";
import { by, openFairway } from "./support/fairway-under-test.ts";
import { refusal } from "./support/refusal.ts";
import { ask } from "./support/requests.ts";
import { twoEnvironments, webProject } from "./support/tiny-service.ts";
import { assertEnded, stateOf } from "./support/watch-run.ts";

let fairway: Fairway;
const environments = twoEnvironments();

beforeAll(async () => {
  fairway = await openFairway(webProject({ says: "one" }, { environments }));
});

afterAll(() => fairway?.end());

const rollBack = async (release: string | null) =>
  fairway.settled(await fairway.client.call("rollback", { environment: "production", release, by }));

test("where nothing ran before there is nothing to go back to", async () => {
  const { code, message } = await refusal(
    fairway.client.call("rollback", { environment: "production", release: null, by }),
  );
  expect(code).toBe("not_allowed_now");
  expect(message).toBe("nothing runs in production");
});

test("a rollback brings the release from before back, by the same path but without an approval", async () => {
  for (const says of ["one", "two", "three"]) {
    assertEnded(await fairway.ship(`Say ${says}`, webProject({ says }, { environments })), "succeeded");
    assertEnded(await fairway.approve(await fairway.promote()), "succeeded");
  }
  expect(await ask(fairway, "web.localhost")).toMatchObject({ says: "three", release: "r3" });

  const back = await rollBack(null);
  assertEnded(back, "succeeded");
  expect(back.title).toBe("roll production back to r2");
  expect(stateOf(back, "approval")).toBeUndefined();
  expect(stateOf(back, "verify")).toBe("succeeded");
  expect(await ask(fairway, "web.localhost")).toMatchObject({ says: "two", release: "r2" });
  expect(await ask(fairway, "web.staging.localhost")).toMatchObject({ says: "three" });
});

test("a rollback to a release that is named goes there", async () => {
  assertEnded(await rollBack("r1"), "succeeded");
  expect(await ask(fairway, "web.localhost")).toMatchObject({ says: "one", release: "r1" });
  const { environments: seen } = await fairway.status();
  expect(seen.find(({ name }) => name === "production")?.current?.release).toBe("r1");
});

test("a rollback to a release that does not exist changes nothing", async () => {
  const { code, message } = await refusal(
    fairway.client.call("rollback", { environment: "production", release: "r99", by }),
  );
  expect(code).toBe("not_found");
  expect(message).toContain("r99");
  expect(await ask(fairway, "web.localhost")).toMatchObject({ release: "r1" });
});
