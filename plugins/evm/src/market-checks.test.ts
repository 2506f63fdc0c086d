import { spawnSync } from "node:child_process";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { needs } from "../../../tools/skips.ts";
import { gasChanges } from "./building/gas-snapshot.ts";
import { changedMarket, evmPath } from "./testing/evm-tools.ts";

describe.skipIf(!needs("anvil"))("the checks of the marketplace's contracts, without the network", () => {
  let folder: string;
  beforeAll(async () => void (folder = await changedMarket({})));
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const run = (
    script: string,
    ...words: readonly string[]
  ): { readonly status: number | null; readonly said: string } => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(folder, script), ...words], {
      encoding: "utf8",
      // Nothing of the machine's home, and no way out.
      env: { PATH: evmPath(), HOME: folder, HTTPS_PROXY: "http://127.0.0.1:9", HTTP_PROXY: "http://127.0.0.1:9" },
    });
    return { status, said: stdout + stderr };
  };

  test("Hardhat compiles and tests them", () => {
    const { status, said } = run("hardhat-test.mjs");
    expect(said).toMatch(/Compiled \d+ Solidity files successfully[\s\S]*3 passing/u);
    expect(status).toBe(0);
  }, 120_000);

  test("solhint finds nothing in them, and in a contract that asks who began a transaction that it does", async () => {
    const report = async (): Promise<unknown> => JSON.parse(await readFile(join(folder, "dist/lint.sarif"), "utf8"));
    expect(run("lint.mjs").status).toBe(0);
    expect(await report()).toMatchObject({ version: "2.1.0", runs: [{ results: [] }] });
    const bad = `// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;
contract Bad { function mine() external view returns (bool) { return tx.origin == msg.sender; } }
`;
    await writeFile(join(folder, "src/Bad.sol"), bad);
    expect(run("lint.mjs").status).toBe(1);
    await rm(join(folder, "src/Bad.sol"));
    expect(await report()).toMatchObject({ runs: [{ results: [{ level: "error", ruleId: "avoid-tx-origin" }] }] });
  }, 60_000);

  test("Foundry says what each test takes of gas, and what of the sources they reach", async () => {
    expect(run("forge-test.mjs", "snapshot").status).toBe(0);
    const snapshot = await readFile(join(folder, "dist/.gas-snapshot"), "utf8");
    expect(snapshot).toMatch(/^TokenMarketTest:test_ItIsSetUpOnce\(\) \(gas: \d+\)$/mu);
    expect(gasChanges(snapshot, snapshot)).toEqual([]);
    expect(run("forge-test.mjs", "--gas-report").said).toMatch(/TokenMarket Contract[\s\S]*withdraw/u);
    expect(run("forge-test.mjs", "coverage").said).toMatch(/src\/TokenMarket.sol\s+\| \d+\.\d+% /u);
    expect(await readFile(join(folder, "out/coverage.lcov"), "utf8")).toContain("SF:src/TokenMarket.sol");
  }, 120_000);
});
