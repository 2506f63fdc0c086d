import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTofuPlaces } from "../../../../tools/opentofu-places.mjs";
import { needs } from "../../../../tools/skips.ts";
import { ignoreDrift, listDrift } from "../store/infrastructure-drift.ts";
import type { StacksUnderTest } from "./testing/stacks-under-test.ts";
import { newestPlan, releaseWith, stackOf, stacksUnderTest } from "./testing/stacks-under-test.ts";

const place = openTofuPlaces.find((one) => existsSync(join(one, "bin"))) ?? "";
const provider = fileURLToPath(
  new URL("../../../../.cache/quality-tools/bin/terraform-provider-fixture", import.meta.url),
);
const path = process.env["PATH"];
const request = { environment: "staging", of: null, by: "ana" } as const;

let under: StacksUnderTest;
/** The resource: a line with its size, and a line that nobody may read. */
let disk: string;

const code = (size: string): string => `terraform {
  required_providers {
    fixture = { source = "mirror.invalid/fairway/fixture" }
  }
}
resource "fixture_file" "disk" {
  path = "${disk}"
  size = "${size}"
  note = "hunter2"
}
`;
const write = (size: string): Promise<void> => writeFile(join(under.source, "world", "main.tf"), code(size));

beforeAll(async () => {
  process.env["PATH"] = `${join(place, "bin")}${delimiter}${path ?? ""}`;
  under = await stacksUnderTest();
  disk = join(under.source, "disk");
  await mkdir(join(under.source, "world"));
  await write("10");
  const mirrored = join(
    under.data.root,
    "mirror/mirror.invalid/fairway/fixture/1.0.0/linux_amd64/terraform-provider-fixture_v1.0.0",
  );
  await mkdir(dirname(mirrored), { recursive: true });
  await writeFile(mirrored, `#!/bin/sh\nexec ${provider} "$@"\n`, { mode: 0o755 });
  const settings = join(under.data.root, "settings.tfrc");
  await writeFile(
    settings,
    `provider_installation {\n  filesystem_mirror {\n    path = "${join(under.data.root, "mirror")}"\n  }\n}\n`,
  );
  under.runs.release = releaseWith([
    stackOf("world", "tofu", { owner: "platform", placed: { env: { TF_CLI_CONFIG_FILE: settings } } }),
  ]);
});
afterAll(async () => {
  process.env["PATH"] = path;
  await under.closeAll();
});

const applied = async (): Promise<readonly string[]> => {
  const { id, state, jobs } = await under.ended(await under.control.apply(request));
  expect([state, jobs.map(({ reason }) => reason).filter(Boolean)]).toEqual(["succeeded", []]);
  const kept = await newestPlan(under.store, { run: id });
  return (kept?.plan.changes ?? []).map(({ address, action }) => `${action} ${address}`);
};
const looked = async (): Promise<string | null | undefined> =>
  (await under.ended(await under.control.look(request))).jobs[0]?.message;
const open = () => listDrift(under.store, { environment: "staging", limit: 10 });
const onDisk = async (): Promise<readonly string[]> => (await readFile(disk, "utf8")).trim().split("\n");

test.skipIf(!needs("opentofu", "fixture-provider"))(
  "one value that somebody changed is found with both values, and is put back, taken over or left alone as asked",
  async () => {
    expect(await applied()).toEqual(["create fixture_file.disk"]);

    // Both values are told, but not of what nobody may read.
    await writeFile(disk, "500\nhunter3\n");
    expect(await looked()).toBe("1 out-of-band");
    const [found] = await open();
    if (found === undefined) throw new Error("nothing was found");
    expect(found).toMatchObject({ address: "fixture_file.disk", kind: "out-of-band", action: "update" });
    expect(found.fields.map(({ path: field, before, after, sensitive }) => [field, before, after, sensitive])).toEqual([
      ["note", null, null, true],
      ["size", '"10"', '"500"', false],
    ]);
    expect(JSON.stringify(await open())).not.toContain("hunter");

    // Re-apply: in place, nothing is made anew, and nobody is asked.
    expect(await applied()).toEqual(["update fixture_file.disk"]);
    expect(await onDisk()).toEqual(["10", "hunter2"]);

    // Leave one value alone: another one that changes is told all the same, without it.
    const rule = { resource: found.address, field: "size", reason: "it grows by itself", by: "ana" };
    await ignoreDrift(under.store, found, { ...rule, until: "2999-01-01T00:00:00.000Z" });
    await writeFile(disk, "30\nhunter4\n");
    expect(await looked()).toBe("1 out-of-band");
    expect((await open()).map(({ fields }) => fields.map(({ path: field }) => field))).toEqual([["note"]]);
    await writeFile(disk, "20\nhunter2\n");
    expect(await looked()).toBe("1 noise");
    expect(await open()).toEqual([]);

    // Adopt: the state takes over what is so, and once the code says it too nothing differs.
    expect((await under.ended(await under.control.adopt(request))).state).toBe("succeeded");
    expect(await onDisk()).toEqual(["20", "hunter2"]);
    await write("20");
    expect(await looked()).toBe("the world is as the code says");
  },
  480_000,
);
