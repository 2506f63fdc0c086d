import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { check } from "../check.mjs";
import { functionsOf, withoutCommentsAndStrings } from "../solidity.mjs";

const src = new URL("../src/", import.meta.url);
const registryPath = fileURLToPath(new URL("MarketRegistry.sol", src));
const registry = await readFile(registryPath, "utf8");

test("our contracts keep the house rules", async () => {
  for (const file of await readdir(src)) {
    const path = fileURLToPath(new URL(file, src));
    assert.deepEqual(check(path, await readFile(path, "utf8")), []);
  }
});

/** What is found when one thing in the registry is changed. */
const changed = [
  ["// SPDX-License-Identifier: Apache-2.0\n", "", /licence/],
  ["pragma solidity 0.8.28;", "pragma solidity ^0.8.0;", /is a range/],
  ["contract MarketRegistry", "contract Registry", /called like it/],
  ["./Owned.sol", "./Owner.sol", /which is not there/],
  ['import {Owned} from "./Owned.sol";', 'import "./Owned.sol";', /name what is needed/],
  ["    /// @notice Takes a thing off the market for good.\n", "", /retire has no @notice/],
  ["    /// @param profile Hash of the profile the decision was made on.\n", "", /admit does not explain profile/],
  ["function retire(bytes32 listing) external", "function retire(bytes32 listing)", /who may call it/],
  ["emit ListingRetired(listing);", "", /ListingRetired is declared and never used/],
  ["if (price == 0) revert NoPrice();", 'require(price > 0, "no price");', /custom error/],
  ["if (!isActive(msg.sender))", "if (!isActive(tx.origin))", /tx\.origin/],
  ["listings[listing].retired = true;\n", "listings[listing].retired = true; }\n", /bracket/],
];
for (const [from, to, expected] of changed) {
  test(`${expected.source} is found`, () => {
    assert.ok(registry.includes(from));
    const messages = check(registryPath, registry.replace(from, to)).map(({ message }) => message);
    assert.ok(
      messages.some((message) => expected.test(message)),
      messages.join("; "),
    );
  });
}

test("what stands in comments and strings is no code", () => {
  const source = 'contract A { /* tx.origin } */ string s = "selfdestruct {"; // delegatecall\n}';
  const code = withoutCommentsAndStrings(source);
  assert.equal(code.length, source.length);
  assert.doesNotMatch(code, /tx\.origin|selfdestruct|delegatecall/);
});

test("functions are found with who may call them and whether they change anything", () => {
  const code = withoutCommentsAndStrings(registry);
  const found = functionsOf(registry, code).map(
    ({ name, visibility, changesState }) => `${name} ${visibility} ${changesState}`,
  );
  assert.ok(found.includes("publish external true"));
  assert.ok(found.includes("offer external false"));
});
