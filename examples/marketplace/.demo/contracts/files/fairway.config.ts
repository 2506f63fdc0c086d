// The market with its contracts on a chain. `fairway.base.ts` is the configuration of the commit before, and
// `contracts/market/chain.ts` says where the chain, the Safe and its service are.
import { defineProject } from "@fairway/config";
import { chain } from "./contracts/market/chain.ts";
import market from "./fairway.base.ts";

const { staging, ...environments } = market.environments;

export default defineProject({
  ...market,
  services: {
    ...market.services,
    // Moved after the contracts, whose addresses its page is served with.
    frontend: { ...market.services.frontend, dependsOn: [...market.services.frontend.dependsOn, "market"] },
    market: {
      path: "contracts/market",
      requires: ["solc", "forge"],
      checks: {
        test: { command: "node forge-test.mjs", timeout: "5m" },
        // Where solhint is not installed it is left out, and the run says so.
        lint: {
          command: "node lint.mjs",
          requires: ["solhint"],
          report: { format: "sarif", file: "dist/lint.sarif" },
        },
      },
      build: {
        commands: ["node build.mjs", "node forge-test.mjs snapshot"],
        output: "dist",
        inputs: ["contracts/market"],
      },
      contracts: {
        contracts: {
          token: { contract: "MarketToken", kind: "immutable", args: ["$safe", "1000000"] },
          fees: { contract: "FeePolicy", kind: "instance" },
          market: {
            contract: "TokenMarket",
            kind: "uups",
            initializer: { function: "initialize", args: ["$safe", "$token"] },
          },
        },
        invariants: [{ of: "market", function: "isSolvent", equals: "true" }],
      },
    },
  },
  environments: {
    // First, as before: each takes what the one before it has verified.
    staging: { ...staging, services: { ...staging.services, market: { chain } } },
    ...environments,
  },
});
