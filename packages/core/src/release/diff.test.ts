import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { releaseId } from "../ids.ts";
import { diffReleases } from "./diff.ts";
import { manifestOf } from "./manifest.ts";
import type { Release } from "./release.ts";

const names = ["api", "web", "worker"] as const;

interface Made {
  readonly number: number;
  readonly parts: Readonly<Record<string, readonly [artifact: string, inputs: string]>>;
  readonly known?: readonly string[];
  readonly replicas?: number;
  readonly secrets?: Readonly<Record<string, string | null>>;
}

/** Only what a diff looks at; the rest of a project is nothing to it. */
function release({ number, parts, known = Object.keys(parts), replicas = 2, secrets = {} }: Made): Release {
  const revision = { sha: "a".repeat(40), short: "aaaaaaa", subject: "s", author: "a", committedAt: "", ref: null };
  const project = {
    name: "shop",
    services: known.map((name) => ({ name, replicas })),
    environments: [{ name: "staging", approvals: 0, placements: known.map((service) => ({ service, replicas })) }],
  } as unknown as Release["project"];
  const made = {
    id: releaseId(number),
    digest: `sha256:${number}`,
    revision,
    project,
    parts: Object.entries(parts).map(([service, [artifact, inputs]]) => ({
      service,
      artifact,
      inputs,
      takenFrom: null,
    })),
    leftOut: [],
    createdAt: "",
  };
  return { ...made, manifest: manifestOf(made, { staging: secrets }, (value) => JSON.stringify(value)) };
}

const anyRelease = fc
  .record({
    number: fc.integer({ min: 1, max: 9 }),
    parts: fc.dictionary(
      fc.constantFrom(...names),
      fc.tuple(fc.constantFrom("sha256:1", "sha256:2"), fc.constantFrom("i1", "i2")),
    ),
    replicas: fc.integer({ min: 1, max: 3 }),
    secrets: fc.dictionary(fc.constantFrom("TOKEN", "KEY"), fc.option(fc.constantFrom("v1", "v2"))),
  })
  .map(release);

describe("the difference of two releases", () => {
  test("tells what was added, removed, left out, changed, and rebuilt to the same bytes", () => {
    const from = release({
      number: 1,
      parts: { a: ["1", "i1"], b: ["1", "i1"], c: ["1", "i1"], d: ["1", "i1"], e: ["1", "i1"] },
    });
    const to = release({
      number: 2,
      parts: { a: ["1", "i1"], b: ["2", "i2"], c: ["1", "i2"], f: ["1", "i1"] },
      known: ["a", "b", "c", "d", "f"],
    });
    expect(Object.fromEntries(diffReleases(from, to).services.map(({ service, change }) => [service, change]))).toEqual(
      { a: "unchanged", b: "changed", c: "rebuilt", d: "left-out", e: "removed", f: "added" },
    );
  });

  test("names a setting by its place, and is not confused by what stands before it", () => {
    const from = release({ number: 1, parts: { web: ["1", "i1"] } });
    const to = release({ number: 2, parts: { api: ["1", "i1"], web: ["1", "i1"] } });
    expect(diffReleases(from, to).settings.map(({ key }) => key)).toEqual([
      "environments.staging.placements.api",
      "services.api",
    ]);
    const more = release({ number: 3, parts: { web: ["1", "i1"] }, replicas: 3 });
    expect(diffReleases(from, more).settings).toEqual([
      { key: "environments.staging.placements.web.replicas", from: 2, to: 3 },
      { key: "services.web.replicas", from: 2, to: 3 },
    ]);
  });

  test("names a secret whose value is another one, and none that is new", () => {
    const from = release({ number: 1, parts: {}, secrets: { TOKEN: "v1", KEY: "v1" } });
    const to = release({ number: 2, parts: {}, secrets: { TOKEN: "v2", KEY: "v1", NEW: "v1" } });
    expect(diffReleases(from, to).secrets).toEqual(["staging/TOKEN"]);
  });

  test("is nothing between a release and itself", () => {
    fc.assert(
      fc.property(anyRelease, (one) => {
        const { services, settings, secrets } = diffReleases(one, one);
        expect(services.every(({ change }) => change === "unchanged")).toBe(true);
        expect([...settings, ...secrets]).toEqual([]);
      }),
    );
  });

  test("is the same seen from the other side, with the sides changed", () => {
    fc.assert(
      fc.property(anyRelease, anyRelease, (one, other) => {
        const there = diffReleases(one, other);
        const back = diffReleases(other, one);
        expect(back.services.map(({ service, from, to }) => [service, to, from])).toEqual(
          there.services.map(({ service, from, to }) => [service, from, to]),
        );
        expect(back.settings.map(({ key, from, to }) => ({ key, from: to, to: from }))).toEqual(there.settings);
      }),
    );
  });
});
