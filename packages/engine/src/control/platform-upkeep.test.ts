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
import { archiveDeployed, drawDashboards } from "./platform-upkeep.ts";

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

test("each deployment is archived once, and what could not be kept is tried again", async () => {
  const kept: string[] = [];
  let bundles = 0;
  let isAway = true;
  const parts = {
    ...world({ access, dashboards: false, archive }, { production: "d1", staging: "d2" }),
    bundle: async () => {
      bundles += 1;
      return new Uint8Array();
    },
    places: {
      archive: async (_place: unknown, name: string) => {
        if (isAway && name.includes("production")) throw new Error("AWS does not answer");
        kept.push(name);
        return true;
      },
    },
  };
  const archived = new Set<string>();
  await expect(archiveDeployed(parts, archived)).rejects.toThrow("AWS does not answer");
  isAway = false;
  await archiveDeployed(parts, archived);
  await archiveDeployed(parts, archived);
  expect(kept).toEqual(["shop/staging/r7-d2.zip", "shop/production/r7-d1.zip"]);
  expect(bundles).toBe(3);
});
