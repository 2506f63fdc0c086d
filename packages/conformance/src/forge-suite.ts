import type { Forge, ForgeReport } from "@fairway/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/** A forge with the repository behind it, which people push to. */
export interface ForgeWorld {
  readonly forge: Forge;
  /** Makes a commit on a branch and pushes it; gives the hash. */
  push(branch: string): Promise<string>;
  /** Tags a commit, with a message of its own, and pushes the tag. */
  tag(name: string, sha: string): Promise<void>;
  remove(ref: string): Promise<void>;
  /** Whether the local repository has a commit. */
  has(sha: string): Promise<boolean>;
  /** How many things were told, of those that one report makes one of. */
  told(kind: ForgeReport["kind"]): Promise<number>;
  close(): Promise<void>;
}

/** What every forge must do. */
export function forgeSuite(name: string, open: () => Promise<ForgeWorld>, within = 60_000): void {
  describe(`${name} as a forge`, () => {
    let world: ForgeWorld;
    beforeAll(async () => {
      world = await open();
    }, within);
    afterAll(() => world?.close(), within);

    test(
      "tells branches and tags by their commits, then nothing until something has changed",
      async () => {
        const sha = await world.push("main");
        await world.tag("v1", sha);
        const first = await world.forge.look();
        expect([first?.refs.get("refs/heads/main"), first?.refs.get("refs/tags/v1")]).toEqual([sha, sha]);
        expect(await world.forge.look()).toBeNull();
        const next = await world.push("main");
        expect((await world.forge.look())?.refs.get("refs/heads/main")).toBe(next);
        await world.remove("refs/tags/v1");
        expect((await world.forge.look())?.refs.has("refs/tags/v1")).toBe(false);
      },
      within,
    );

    test(
      "brings commits into the local repository, whatever the branch is called, and again without harm",
      async () => {
        for (const branch of ["a;touch${IFS}pwned", "$(touch${IFS}pwned)", "emoji-🚀", "refs/heads/inside"]) {
          const sha = await world.push(branch);
          await world.forge.fetch([`refs/heads/${branch}`]);
          await world.forge.fetch([`refs/heads/${branch}`]);
          expect([branch, await world.has(sha)]).toEqual([branch, true]);
        }
      },
      within,
    );

    test(
      "asks for nothing by a name that is none, and a branch that is gone brings nothing",
      async () => {
        await world.forge.fetch(["--upload-pack=touch pwned", "ext::sh -c touch% pwned", "main", "refs/heads/a..b"]);
        await world.forge.fetch(["refs/heads/not-there"]);
      },
      within,
    );

    test(
      "believes nobody who does not prove who they are",
      async () => {
        const body = new TextEncoder().encode("{}");
        const reading = await world.forge.readDelivery({ headers: { "x-github-event": "push" }, body });
        expect(reading.accepted).toBe(false);
      },
      within,
    );

    test(
      "is told a thing once, however often it is told, and says of what it has no place for that it takes none",
      async () => {
        const sha = await world.push("main");
        for (const report of everyReport(sha)) {
          const key = `suite ${report.kind}`;
          const first = await world.forge.report(report, null, key);
          const takes = world.forge.takes.has(report.kind);
          expect([report.kind, first.outcome]).toEqual([report.kind, takes ? "told" : "refused"]);
          // As after a kill before the answer was written down, and then as usual.
          await world.forge.report(report, null, key);
          await world.forge.report(report, first.outcome === "told" ? first.id : null, key);
          expect([report.kind, await world.told(report.kind)]).toEqual([report.kind, takes ? 1 : 0]);
        }
      },
      within,
    );
  });
}

const everyReport = (sha: string): readonly ForgeReport[] => [
  {
    kind: "deployment",
    sha,
    environment: "production",
    production: true,
    state: "success",
    description: "r1: deployed",
    environmentUrl: "https://shop.example.com",
    url: null,
  },
  {
    kind: "check-run",
    sha,
    name: "fairway/release: check:web/lint",
    state: "failure",
    title: "2 errors",
    summary: "2 errors",
    annotations: [{ severity: "error", file: "web/a.ts", line: 3, column: 1, rule: "no-x", message: "No x" }],
    url: null,
  },
  { kind: "comment", number: 7, topic: "runs", text: "All is well" },
  { kind: "release", tag: "v9", title: "v9", text: "Notes", prerelease: false },
];
