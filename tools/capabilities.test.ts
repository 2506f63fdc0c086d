import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { capabilities } from "./capabilities.mjs";

const inCi = Object.entries(capabilities).filter(([, capability]) => capability.inCi);
const textOf = (path: string): string => readFileSync(join(import.meta.dirname, path), "utf8");
const variableOf = (enable: string): string | undefined => /^(?<set>\w+=1) npm test$/u.exec(enable)?.groups?.["set"];

test.each(inCi.filter(([, { enable }]) => variableOf(enable) === undefined))(
  "tools/provision brings %s, since CI fails without it",
  (_, { enable }) => {
    const provision = textOf("provision");
    const packages = enable.replace(/^apt-get install -y /u, "").split(" ");
    expect(
      packages.filter((name) => !name.startsWith("-") && !new RegExp(`\\b${name}\\b`, "u").test(provision)),
    ).toEqual([]);
  },
);

test.each(inCi.filter(([, { enable }]) => variableOf(enable) !== undefined))("CI asks for %s", (_, { enable }) => {
  expect(textOf("../.ci/run")).toMatch(new RegExp(`^export .*\\b${variableOf(enable)}\\b`, "mu"));
});
