import { memoryRouter } from "@fairway/conformance";
import { expect, test } from "vitest";
import { setMaintenance, takeTraffic } from "./routing.ts";

const route = {
  name: "production/web",
  rules: [{ host: "*", path: "/" }],
  internalPath: "/web",
  health: { path: "/", interval: 1000, timeout: 100 },
};
const token = { deployment: "d1", rollout: "production/web", epoch: 3 } as unknown as Parameters<typeof takeTraffic>[2];

test("maintenance outlasts deployments until somebody ends it", async () => {
  const router = memoryRouter();
  await takeTraffic(router, route, token, { groups: [] });
  await setMaintenance(router, route.name, { message: "Back at noon" });
  const { version } = await router.read();
  await setMaintenance(router, route.name, { message: "Back at noon" });
  await takeTraffic(router, route, token, { groups: [] });
  expect((await router.read()).version).toBe(version);
  await takeTraffic(router, { ...route, limits: { bodyBytes: 10 } }, { ...token, epoch: 4 }, { groups: [] });
  expect((await router.read()).routes[route.name]).toMatchObject({
    maintenance: { message: "Back at noon" },
    limits: { bodyBytes: 10 },
    epoch: 4,
  });
  await setMaintenance(router, route.name, null);
  expect((await router.read()).routes[route.name]).not.toHaveProperty("maintenance");
});

test("a route that is not there cannot be under maintenance", async () => {
  const setting = setMaintenance(memoryRouter(), "production/none", { message: "x" });
  await expect(setting).rejects.toMatchObject({ code: "not_found" });
});
