import { afterAll, beforeAll, expect, test } from "vitest";
import type { Fairway } from "./support/fairway-under-test.ts";
import { openFairway } from "./support/fairway-under-test.ts";
import type { Files } from "./support/git-project.ts";
import { configFile } from "./support/git-project.ts";
import { fetchFrom } from "./support/requests.ts";
import { stagingOnly } from "./support/tiny-service.ts";
import { assertEnded } from "./support/watch-run.ts";

let fairway: Fairway;

/** A site whose page names its script by a hash, as bundlers do. */
const site = (says: string, hash: string): Files => ({
  "site/index.html": `<script src="/assets/app-${hash}.js"></script>${says}`,
  [`site/assets/app-${hash}.js`]: `say(${JSON.stringify(says)})`,
  ...configFile({
    name: "shop",
    services: { web: { path: "site", static: { fallback: "index.html" } } },
    environments: stagingOnly(),
  }),
});

beforeAll(async () => {
  fairway = await openFairway(site("one", "4f2a91bc"));
});

afterAll(() => fairway?.end());

const get = (path: string): ReturnType<typeof fetchFrom> => fetchFrom(fairway, "web.staging.localhost", path);

test("a folder of files is released, deployed and served without a program of its own", async () => {
  assertEnded(await fairway.release(), "succeeded");
  expect(await get("/")).toMatchObject({ status: 200, body: expect.stringContaining("one") as string });
  const asset = await get("/assets/app-4f2a91bc.js");
  expect(asset.headers["cache-control"]).toBe("public, max-age=31536000, immutable");
  expect((await get("/some/page")).body).toContain("one");
});

test("a page of the release before still finds its files after the next one took over", async () => {
  await fairway.project.git("rm", "-rq", "site/assets");
  assertEnded(await fairway.ship("Say two", site("two", "91bc4f2a")), "succeeded");
  expect((await get("/")).body).toContain("two");
  expect(await get("/assets/app-4f2a91bc.js")).toMatchObject({ status: 200, body: 'say("one")' });
});
