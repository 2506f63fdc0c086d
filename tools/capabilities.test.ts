import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { capabilities } from "./capabilities.mjs";

test.each(Object.entries(capabilities).filter(([, { inCi }]) => inCi))(
  "tools/provision brings %s, since CI fails without it",
  (_, { enable }) => {
    const provision = readFileSync(join(import.meta.dirname, "provision"), "utf8");
    const packages = enable.replace(/^apt-get install -y /u, "").split(" ");
    expect(
      packages.filter((name) => !name.startsWith("-") && !new RegExp(`\\b${name}\\b`, "u").test(provision)),
    ).toEqual([]);
  },
);
