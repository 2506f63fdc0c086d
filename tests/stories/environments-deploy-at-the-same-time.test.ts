import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Fairway } from "./support/fairway-under-test.ts";
import { by, openFairway } from "./support/fairway-under-test.ts";
import { ask } from "./support/requests.ts";
import { webProject } from "./support/tiny-service.ts";
import { assertEnded, stateOf } from "./support/watch-run.ts";

let fairway: Fairway;

beforeAll(async () => {
  fairway = await openFairway({});
});

afterAll(() => fairway?.end());

test("a release goes to two environments at the same time, and neither waits for the other", async () => {
  const gate = join(fairway.place, "gate");
  const automatic = { deploys: "automatically", promotesFrom: null } as const;
  const files = webProject({ listensOnce: gate }, { environments: { east: automatic, west: automatic } });
  const release = await fairway.settled(
    await fairway.client.call("makeRelease", { ref: await fairway.project.commit("Go east and west", files), by }),
  );
  expect(release.next).toHaveLength(2);
  for (const id of release.next) await fairway.runUntil({ id }, (run) => stateOf(run, "rollout:web") === "running");
  const { environments } = await fairway.status();
  expect(new Set(environments.map(({ moving }) => moving))).toEqual(new Set(release.next));

  await writeFile(gate, "");
  for (const id of release.next) assertEnded(await fairway.settled({ id }), "succeeded");
  for (const environment of ["east", "west"])
    expect(await ask(fairway, `web.${environment}.localhost`)).toMatchObject({ environment, release: "r1" });
});
