import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { missingEntries } from "./complete-lockfile.mjs";

interface Entry {
  readonly integrity?: string;
  readonly link?: true;
  readonly os?: string[];
  readonly libc?: string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

const { packages } = JSON.parse(readFileSync(join(import.meta.dirname, "../package-lock.json"), "utf8")) as {
  readonly packages: Readonly<Record<string, Entry>>;
};

/** The names that a package cannot do without. */
function neededBy({ dependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} }: Entry): readonly string[] {
  const peers = Object.keys(peerDependencies).filter((name) => peerDependenciesMeta[name]?.optional !== true);
  return [...Object.keys(dependencies), ...peers];
}

/** Whether a package finds something under a name in its own node_modules or one further up. */
function finds(place: string, name: string): boolean {
  const folders = place.split("/").map((_, index, parts) => parts.slice(0, index + 1).join("/"));
  return ["", ...folders].some((folder) => packages[join(folder, "node_modules", name)] !== undefined);
}

describe("the lockfile", () => {
  test("has the builds for every machine, or npm ci refuses it (npm run lockfile adds them)", () => {
    expect(Object.keys(missingEntries(packages))).toEqual([]);
  });

  // Two installs at once once lost a package without a word; it worked on that machine and on no other.
  test("has every package that another cannot do without", () => {
    const missing = Object.entries(packages).flatMap(([place, entry]) =>
      neededBy(entry).flatMap((name) => (finds(place, name) ? [] : [`${place} needs ${name}`])),
    );
    expect(missing).toEqual([]);
  });

  test("has the hash of every package that is not a build for some machine", () => {
    const unproven = Object.entries(packages).filter(
      ([place, { integrity, link, os }]) =>
        place.includes("node_modules/") && link === undefined && os === undefined && integrity === undefined,
    );
    expect(unproven.map(([place]) => place)).toEqual([]);
  });
});

describe("an optional package that the registry did not offer", () => {
  const oxlint = { version: "1.0.0", dev: true, optionalDependencies: { "@oxlint/binding-linux-arm64-musl": "1.0.0" } };

  test("is added beside its parent, for the machine in its name", () => {
    expect(missingEntries({ "node_modules/oxlint": oxlint })).toEqual({
      "node_modules/@oxlint/binding-linux-arm64-musl": {
        version: "1.0.0",
        cpu: ["arm64"],
        dev: true,
        libc: ["musl"],
        optional: true,
        os: ["linux"],
      },
    });
  });

  test("is not added when the parent finds it further up", () => {
    const found = { "node_modules/@oxlint/binding-linux-arm64-musl": { version: "1.0.0" } };
    expect(missingEntries({ "packages/a/node_modules/oxlint": oxlint, ...found })).toEqual({});
  });

  test("is added deeper when what lies further up is another version", () => {
    const other = { "node_modules/@oxlint/binding-linux-arm64-musl": { version: "0.9.0" } };
    expect(Object.keys(missingEntries({ "packages/a/node_modules/oxlint": oxlint, ...other }))).toEqual([
      "packages/a/node_modules/@oxlint/binding-linux-arm64-musl",
    ]);
  });

  test("is left alone when its version is a range, for only the registry could say which", () => {
    expect(
      missingEntries({ "node_modules/vite": { optionalDependencies: { "fsevents-darwin-x64": "^2.3.3" } } }),
    ).toEqual({});
  });
});
