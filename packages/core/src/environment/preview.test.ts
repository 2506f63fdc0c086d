import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ProjectPreviews } from "../project/project-previews.ts";
import type { Environment, Project, Service } from "../project/project.ts";
import { hostedCommand } from "../hosted/hosted-placement.ts";
import { previewOfPull, previewProject, secretScopeOf, withoutSecrets } from "./preview.ts";
import { secretNamesOf } from "../release/manifest.ts";

const settings: ProjectPreviews = {
  inherits: "staging",
  domain: "fairway.localhost",
  front: null,
  replicas: 1,
  variables: { PAYMENTS: "sandbox" },
  flags: "staging",
  database: { per: "database", copyOf: {}, seed: {} },
  pullRequests: true,
  forks: "approve",
  most: 10,
  sleepAfter: 1,
  endAfter: 2,
};

const service = (name: string): Service =>
  ({ name, env: { TOKEN: { secret: "TOKEN" } }, checks: [], dependsOn: [] }) as unknown as Service;
const placed = (name: string, routes: readonly { readonly host: string; readonly path: string }[]) => ({
  service: name,
  replicas: 3,
  strategy: { name: "canary" } as never,
  env: { TOKEN: { secret: "TOKEN" }, LEVEL: "info" },
  routes,
});
const projectOf = (routes: Readonly<Record<string, readonly { readonly host: string; readonly path: string }[]>>) =>
  ({
    name: "shop",
    forge: { login: { token: { secret: "GITHUB_TOKEN" } } },
    triggers: [],
    registry: { server: "r", login: { username: "ci", password: { secret: "P" } } },
    services: Object.keys(routes).map(service),
    environments: [
      {
        name: "staging",
        approvals: 2,
        freezes: [{}],
        verify: [{}],
        variables: { KEY: { secret: "KEY" } },
        placements: Object.entries(routes).map(([name, rules]) => placed(name, rules)),
      } as unknown as Environment,
    ],
  }) as unknown as Project;

const wish = (trusted: boolean, name = previewOfPull(12)) => ({
  name,
  purpose: "pull request 12",
  settings,
  trusted,
  urlOf: (host: string, path: string) => `http://${host}:8080${path}`,
});
const own = [{ host: "a.example.com", path: "/" }];
const shop = projectOf({ api: [{ host: "api.example.com", path: "/" }], web: own, jobs: [] });

describe("the project of a preview", () => {
  test("has the preview as its only environment, which nobody has to approve and nothing holds", () => {
    const { environments, ...rest } = previewProject(shop, wish(true));
    expect(Object.keys(rest)).toEqual(["name", "registry", "services"]);
    expect(environments).toHaveLength(1);
    expect(environments[0]).toMatchObject({ name: "pr-12", approvals: 0, promotesFrom: null, verify: [] });
    expect(environments[0]?.freezes).toBeUndefined();
  });

  test("answers at its own host with what others depend on last, and the others are one label beside it", () => {
    const [preview] = previewProject(shop, wish(true)).environments;
    expect(preview?.url).toBe("http://pr-12.fairway.localhost:8080/");
    expect(preview?.placements.map(({ routes }) => routes)).toEqual([
      [{ host: "api--pr-12.fairway.localhost", path: "/" }],
      [{ host: "pr-12.fairway.localhost", path: "/" }],
      [],
    ]);
  });

  test("keeps together what shares a host", () => {
    const one = projectOf({
      api: [{ host: "shop.example.com", path: "/api" }],
      web: [{ host: "shop.example.com", path: "/" }],
    });
    expect(previewProject(one, wish(true)).environments[0]?.placements.flatMap(({ routes }) => routes)).toEqual([
      { host: "pr-12.fairway.localhost", path: "/api" },
      { host: "pr-12.fairway.localhost", path: "/" },
    ]);
  });

  test("is scaled down, rolls out in the plain way and has its own variables over the environment's", () => {
    const [, web] = previewProject(shop, wish(true)).environments[0]?.placements ?? [];
    expect(web).toMatchObject({
      replicas: 1,
      strategy: { name: "rolling" },
      env: { LEVEL: "info", PAYMENTS: "sandbox" },
    });
  });

  test("names only the secrets of previews, and a fork's names none and takes no registry", () => {
    expect(secretScopeOf(previewProject(shop, wish(true)), "pr-12")).toBe("previews");
    const fork = previewProject(shop, wish(false));
    expect(secretScopeOf(fork, "pr-12")).toBeNull();
    expect(secretNamesOf(fork)).toEqual({ "pr-12": [] });
    expect(fork.registry).toBeUndefined();
    expect(fork.environments[0]?.preview).toMatchObject({ secrets: null, flags: null });
  });

  test("of a commit without the environment that it begins from is refused", () => {
    expect(() => previewProject({ ...shop, environments: [] }, wish(true))).toThrow(/has no environment "staging"/u);
  });
});

test("no two routes of a preview are the same, and every host is one that DNS takes", () => {
  const host = fc.constantFrom("*", "a.example.com", "b.example.com", "c.example.com");
  const rule = fc.record({ host, path: fc.constantFrom("/", "/api", "/v1") });
  const names = fc.uniqueArray(fc.stringMatching(/^[a-z][a-z0-9-]{0,39}$/u), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(names, fc.array(fc.array(rule, { maxLength: 3 }), { minLength: 5, maxLength: 5 }), (all, rules) => {
      const seen = new Set<string>();
      const routes = Object.fromEntries(
        all.map((name, index) => [
          name,
          // As in every configuration: no two have the same.
          (rules[index] ?? []).filter(
            (one) => !seen.has(`${one.host}${one.path}`) && seen.add(`${one.host}${one.path}`),
          ),
        ]),
      );
      const made = previewProject(projectOf(routes), wish(true)).environments[0]?.placements ?? [];
      const found = made.flatMap(({ routes: of }) => of.map((one) => `${one.host}${one.path}`));
      expect(new Set(found).size).toBe(found.length);
      for (const { host: name } of made.flatMap(({ routes: of }) => of))
        for (const label of name.split(".")) expect(label).toMatch(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/u);
    }),
    { numRuns: 50 },
  );
});

test("nothing that names a secret is left, wherever it stood", () => {
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { depthSize: "small" },
      fc.string(),
      fc.record({ secret: fc.string() }),
      fc.array(tie("any"), { maxLength: 3 }),
      fc.dictionary(fc.string(), tie("any"), { maxKeys: 3 }),
    ),
  })).any;
  fc.assert(
    fc.property(fc.dictionary(fc.string(), value), (project) => {
      const walk = (one: unknown): void => {
        if (typeof one !== "object" || one === null) return;
        for (const part of Object.values(one)) {
          expect(
            typeof part === "object" && part !== null && !Array.isArray(part) && Object.hasOwn(part, "secret"),
          ).toBe(false);
          walk(part);
        }
      };
      walk(withoutSecrets(project as unknown as Project));
    }),
    { numRuns: 100 },
  );
});

test("what a platform serves gets an address of the preview's own there, and nothing of a stranger goes to it", () => {
  const onPlatforms = {
    ...shop,
    services: shop.services.map((one) => ({ ...one, run: one.name === "api" ? ["node", "a.mjs"] : hostedCommand })),
    environments: shop.environments.map((environment) => ({
      ...environment,
      placements: environment.placements.map((placement) => ({
        ...placement,
        hosted:
          placement.service === "web"
            ? { platform: "netlify", site: "shop.netlify.app", branch: null, url: "https://shop.example.com" }
            : { platform: "vercel", project: "shop", target: "production", domains: ["shop.example.com"], url: null },
      })),
    })),
  } as unknown as Project;
  const hostedIn = (trusted: boolean): readonly unknown[] =>
    previewProject(onPlatforms, wish(trusted)).environments[0]?.placements.map(({ service: name, hosted }) => [
      name,
      hosted,
    ]) ?? [];
  const vercel = {
    platform: "vercel",
    project: "shop",
    target: "preview",
    domains: ["shop-pr-12.vercel.app"],
    url: null,
  };
  expect(hostedIn(true)).toEqual([
    ["api", vercel],
    ["web", { platform: "netlify", site: "shop.netlify.app", branch: "pr-12", url: null }],
    ["jobs", vercel],
  ]);
  expect(hostedIn(false)).toEqual([["api", undefined]]);
});

test("what runs on ECS gets a service of the preview's own there, without what watches over the environment's", () => {
  const base = {
    region: "eu-central-1",
    cluster: "shop",
    service: "shop-web",
    container: "web",
    alarms: ["5xx"],
    codeDeploy: { application: "shop" },
    migrate: { command: ["migrate"] },
  };
  const onEcs = {
    ...shop,
    environments: shop.environments.map((environment) => ({
      ...environment,
      placements: environment.placements.map((placement) =>
        placement.service === "web" ? { ...placement, ecs: base } : placement,
      ),
    })),
  } as unknown as Project;
  const ecs = { owner: "shop", cluster: "previews", listener: "arn:l", protocol: "https", wake: null, taskRole: null };
  const made = (trusted: boolean, to?: typeof ecs) =>
    previewProject(onEcs, { ...wish(trusted), settings: { ...settings, ecs: to as never } }).environments[0];
  const web = made(true, ecs)?.placements.find(({ service: name }) => name === "web")?.ecs;
  expect(web).toMatchObject({
    cluster: "previews",
    service: "fwp-shop-pr-12-web",
    family: "fwp-shop-pr-12-web",
    container: "web",
    alarms: [],
    codeDeploy: null,
    preview: { owner: "shop", listener: "arn:l", like: { cluster: "shop", service: "shop-web" } },
  });
  expect(web?.migrate).toBeUndefined();
  expect(made(true, ecs)?.url).toBe("https://pr-12.fairway.localhost/");
  // Without a place there, and of a stranger, it is on Fairway's own machine.
  expect(JSON.stringify([made(true), made(false, ecs)])).not.toContain("fwp-");
});
