import type {
  AwsArchive,
  EcsPlacement,
  Environment,
  EnvironmentAws,
  Placement,
  Release,
  ReleaseId,
  RunId,
} from "@fairway/core";
import { expect, test } from "vitest";
import { historyIn } from "../store/history-for-tests.ts";
import type { Store } from "../store/store.ts";
import { storeForTests } from "../store/testing/store-for-tests.ts";
import { archiveDeployed, drawDashboards } from "./platform-upkeep.ts";

let store: Store;

const access = { region: "eu-central-1", account: null, profile: null, role: null };
const archive: AwsArchive = { bucket: "evidence", prefix: "shop/", hold: null };
const ecs = { ...access, cluster: "shop", service: "shop-api", alarms: [] } as Partial<EcsPlacement> as EcsPlacement;

const placements = [{ service: "api", ecs }, { service: "web" }] as Partial<Placement>[] as Placement[];

/** What runs where: by environment the release, the run that brought it, and what of AWS is used. */
function world(aws: EnvironmentAws | undefined, runs: Readonly<Record<string, string>>) {
  const environment = (name: string): Environment => ({ name, placements, aws }) as Partial<Environment> as Environment;
  return {
    environments: async () => ["staging", "production"],
    current: async (name: string) =>
      runs[name] === undefined ? null : { run: runs[name] as RunId, release: "r7" as ReleaseId },
    releaseOf: async (id: ReleaseId) =>
      ({
        id,
        project: { name: "shop", services: [], environments: [environment("staging"), environment("production")] },
      }) as Partial<Release> as Release,
  };
}

test("a dashboard is drawn of each service on ECS, where the environment asks for them", async () => {
  const drawn: string[] = [];
  const places = {
    dashboard: async (of: { environment: string; service: string }) =>
      void drawn.push(`${of.environment}/${of.service}`),
  };
  await drawDashboards({ ...world({ access, dashboards: true, archive: null }, { production: "d1" }), places });
  expect(drawn).toEqual(["production/api"]);
  await drawDashboards({ ...world({ access, dashboards: false, archive: null }, { production: "d1" }), places });
  await drawDashboards({ ...world(undefined, { production: "d1" }), places });
  expect(drawn).toHaveLength(1);
});

storeForTests((opened) => {
  store = opened;
});

test("every deployment is archived once, in its order, also after AWS refused for long and in another daemon", async () => {
  const history = historyIn(store);
  const releases = [await history.release("a"), await history.release("b"), await history.release("c")] as const;
  const kept: string[] = [];
  const bundled: ReleaseId[] = [];
  let refuses = (name: string): boolean => name.includes("/production/");
  const { environments, releaseOf } = world({ access, dashboards: false, archive }, {});
  const parts = {
    ...{ store, environments, releaseOf },
    bundle: async (release: ReleaseId) => {
      bundled.push(release);
      return new Uint8Array();
    },
    places: {
      archive: async (_place: unknown, name: string) => {
        if (refuses(name)) throw new Error("AWS does not answer");
        kept.push(name);
        return true;
      },
    },
  };
  const first = await history.deploy("production", releases[0]);
  const elsewhere = await history.deploy("staging", releases[0]);
  const archived = new Set<string>();
  await expect(archiveDeployed(parts, archived)).rejects.toThrow("AWS does not answer");
  const second = await history.deploy("production", releases[1]);
  const third = await history.deploy("production", releases[2]);
  // The second is refused alone: the third is kept all the same, and the second is not forgotten.
  refuses = (name) => name.includes(second);
  await expect(archiveDeployed(parts, archived)).rejects.toThrow("AWS does not answer");
  refuses = () => false;
  await archiveDeployed(parts, archived);
  const named = (environment: string, release: ReleaseId, run: string): string =>
    `shop/${environment}/${release}-${run}.zip`;
  expect(kept).toEqual([
    named("staging", releases[0], elsewhere),
    named("production", releases[0], first),
    named("production", releases[2], third),
    named("production", releases[1], second),
  ]);
  const asked = bundled.length;
  await archiveDeployed(parts, archived);
  await archiveDeployed(parts, new Set());
  expect(bundled).toHaveLength(asked);
});
