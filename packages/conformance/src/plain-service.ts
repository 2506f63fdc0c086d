import type { Environment, Placement, Service } from "@fairway/core";
import { defaultHealth, defaultRolling } from "@fairway/core";

/** A service of a test's project: nothing to prepare, check or build, one replica, and what the test is about. */
export const plainService = (name: string, about: Partial<Service> = {}): Service => ({
  name,
  path: name,
  dependsOn: [],
  requires: [],
  prepare: [],
  checks: [],
  build: { commands: [], output: ".", inputs: [] },
  run: ["serve"],
  health: defaultHealth,
  stop: { drain: 0, grace: 0 },
  database: false,
  env: {},
  replicas: 1,
  strategy: defaultRolling,
  ...about,
});

/** How an environment of a test's project wants such a service. */
export const plainPlacement = (service: string, about: Partial<Placement> = {}): Placement => ({
  service,
  replicas: 1,
  strategy: defaultRolling,
  env: {},
  routes: [],
  ...about,
});

/** An environment of a test's project that takes releases on request, asks nobody and verifies nothing. */
export const plainEnvironment = (
  name: string,
  placements: readonly Placement[],
  about: Partial<Environment> = {},
): Environment => ({
  name,
  purpose: null,
  url: null,
  deploys: "on-request",
  promotesFrom: null,
  approvals: 0,
  deadline: 60_000,
  variables: {},
  verify: [],
  placements,
  ...about,
});
