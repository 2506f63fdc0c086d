import { defineProject } from "@fairway/config";

export default defineProject({
  name: "hello",
  services: {
    hello: {
      path: ".",
      checks: { test: "node --test" },
      run: "node server.mjs",
      health: "/healthz",
      replicas: 2,
    },
  },
  environments: {
    staging: {
      deploys: "automatically",
      services: { hello: { replicas: 1, routes: [{ host: "hello.staging.localhost" }] } },
    },
    production: {
      promotesFrom: "staging",
      approvals: 1,
      services: { hello: { routes: [{ host: "hello.localhost" }] } },
    },
  },
});
