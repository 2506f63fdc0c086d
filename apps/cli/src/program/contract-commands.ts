import type { Entry } from "./entry.ts";

/** Smart contracts. */
export const contractCommands: Entry = {
  usage: "contracts <environment>",
  summary: "addresses of contracts, held against the chain",
  more: "Each deployment leaves a version of them. `--export ts` and `--export json` write one for a frontend, whose bundle then pins it. The chain is compared with the record every hour. More: docs/how-to/contracts.md.",
  options: [
    ["--service <service>", "only of this service"],
    ["--release <release>", "the version of this release; the newest when left out"],
    ["--export <form>", "write the addresses as `ts` or `json`"],
  ],
  load: async () => (await import("../commands/contracts.ts")).contracts,
};
