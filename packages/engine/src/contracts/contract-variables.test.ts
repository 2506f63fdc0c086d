import type { ContractLedger, ContractVersion, Release, ReleaseId } from "@fairway/core";
import { expect, test } from "vitest";
import { contractVariables } from "./contract-variables.ts";

const release = (id: string): Release =>
  ({ id, project: { services: [{ name: "token-market", contracts: {} }, { name: "api" }] } }) as unknown as Release;
const version = (of: string, ...addresses: readonly string[]): ContractVersion =>
  ({
    release: of as ReleaseId,
    contracts: addresses.map((address, index) => ({ name: `c${index}`, chain: 10, address, codeHash: "0x" })),
  }) as unknown as ContractVersion;
const ledger = (...versions: readonly ContractVersion[]): ContractLedger =>
  ({ versions: async () => versions }) as unknown as ContractLedger;
const service = { dependsOn: ["api", "token-market"] };

test("a service has the addresses of its own release, also when it is started after a later one", async () => {
  const both = ledger(version("r2", "0xb", "0xc"), version("r1", "0xa"));
  expect(await contractVariables(both, release("r1"), "staging", service)).toEqual({
    TOKEN_MARKET_CONTRACTS: '{"c0":{"chain":10,"address":"0xa"}}',
  });
  expect(await contractVariables(both, release("r2"), "staging", service)).toEqual({
    TOKEN_MARKET_CONTRACTS: '{"c0":{"chain":10,"address":"0xb"},"c1":{"chain":10,"address":"0xc"}}',
  });
});

test("a release that moved none has the newest, and where none are there is no variable", async () => {
  expect(await contractVariables(ledger(version("r1", "0xa")), release("r3"), "staging", service)).toEqual({
    TOKEN_MARKET_CONTRACTS: '{"c0":{"chain":10,"address":"0xa"}}',
  });
  expect(await contractVariables(ledger(), release("r1"), "staging", service)).toEqual({});
  expect(await contractVariables(ledger(version("r1")), release("r1"), "staging", service)).toEqual({});
  expect(await contractVariables(undefined, release("r1"), "staging", service)).toEqual({});
});
