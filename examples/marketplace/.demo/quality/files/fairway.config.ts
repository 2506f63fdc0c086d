// The market with the checks of a team that has its tools installed. `fairway.base.ts` is the configuration of the first
// commit; it goes on asking what needs nothing but Node and Python.
import { defineProject } from "@fairway/config";
import market from "./fairway.base.ts";

const { frontend, inference, contracts, ...others } = market.services;
const eslint = { command: "eslint .", requires: ["eslint"], report: "eslint" } as const;

const nodeServices = Object.fromEntries(
  Object.entries(others).map(([name, service]) => [name, { ...service, checks: { ...service.checks, eslint } }]),
);

export default defineProject({
  ...market,
  services: {
    ...nodeServices,
    frontend: {
      ...frontend,
      checks: {
        ...frontend?.checks,
        eslint,
        types: { command: "tsc -p .", requires: ["tsc"], report: "tsc", needs: ["eslint"] },
      },
    },
    inference: {
      ...inference,
      checks: {
        lint: { command: "ruff check .", requires: ["ruff"], report: "ruff" },
        test: {
          command: "pytest -p no:cacheprovider",
          requires: ["pytest"],
          report: "pytest",
          timeout: "2m",
          env: { PYTHONDONTWRITEBYTECODE: "1" },
        },
      },
    },
    contracts: {
      ...contracts,
      checks: {
        ...contracts?.checks,
        compile: { command: "hardhat compile", requires: ["hardhat"], report: "hardhat", needs: ["lint"] },
      },
    },
  },
});
