import { existsSync } from "node:fs";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTofuPlaces } from "../../../../tools/opentofu-places.mjs";
import { needs } from "../../../../tools/skips.ts";
import { listPlans } from "../store/infrastructure-plans.ts";
import { listStates } from "../store/infrastructure-states.ts";
import type { StacksUnderTest } from "./testing/stacks-under-test.ts";
import { releaseWith, stackOf, stacksUnderTest } from "./testing/stacks-under-test.ts";

const place = openTofuPlaces.find((one) => existsSync(join(one, "bin"))) ?? "";
const path = process.env["PATH"];
const request = { environment: "staging", of: null, by: "ana" } as const;

let under: StacksUnderTest;
/** While it is there, an apply may write no file that is longer than 32 KiB: what it finds then is a disk that is full. */
let full: string;

beforeAll(async () => {
  under = await stacksUnderTest();
  full = join(under.data.root, "full");
  const programs = join(under.data.root, "programs");
  await mkdir(programs, { recursive: true });
  const tofu = join(place, "bin/tofu");
  // Its output goes through a pipe, which is no file.
  await writeFile(
    join(programs, "tofu"),
    `#!/usr/bin/env bash
if [[ $1 == apply && -e ${full} ]]; then
  (trap '' XFSZ; ulimit -f 32; exec ${tofu} "$@") | cat
  exit "\${PIPESTATUS[0]}"
fi
exec ${tofu} "$@"
`,
    { mode: 0o755 },
  );
  process.env["PATH"] = `${programs}${delimiter}${path ?? ""}`;
  await mkdir(join(under.source, "network"));
  await count(1);
  under.runs.release = releaseWith([stackOf("network", "tofu", { preventDestroy: false })]);
});
afterAll(async () => {
  process.env["PATH"] = path;
  await under.closeAll();
});

const count = (resources: number): Promise<void> =>
  writeFile(
    join(under.source, "network", "main.tf"),
    `resource "terraform_data" "a" {\n  count = ${resources}\n  input = "hunter-\${count.index}"\n}\n`,
  );

const filesIn = async (folder: string): Promise<readonly string[]> =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((one) => one.isFile())
    .map(({ name, parentPath }) => join(parentPath, name));

test.skipIf(!needs("opentofu"))(
  "a state that no disk has room for is kept, is in no log, and comes back in the place of what was cut off",
  async () => {
    expect((await under.ended(await under.control.apply(request))).state).toBe("succeeded");
    await count(200);
    await writeFile(full, "");
    const run = await under.ended(await under.control.apply(request));
    await rm(full);

    const [left] = await listStates(under.store, "staging", "network");
    expect([run.state, run.attention?.action]).toEqual([
      "errored",
      expect.stringContaining(`fairway infrastructure state restore staging ${left?.id}`),
    ]);
    expect(run.jobs.find(({ name }) => name === "apply:network")?.reason).toMatch(
      /Failed to save state: .*file too large.*make room, then try again/su,
    );
    expect(await listPlans(under.store, { run: run.id, limit: 1 })).toMatchObject([{ state: "unknown" }]);
    const written = await filesIn(join(under.data.root, "steps", run.id));
    expect(written.filter((name) => name.endsWith("/log"))).not.toEqual([]);
    for (const file of written) expect(await readFile(file, "latin1")).not.toContain("hunter-");

    // What is there was cut off, and says so.
    const blind = await under.ended(await under.control.plan(request));
    expect(blind.jobs[0]?.reason).toContain("put one that was kept back");

    const back = await under.control.restoreState({ environment: "staging", state: left?.id ?? 0, by: "ana" });
    await under.engine.approve(back, { by: "ben", answer: "yes", digest: await under.asks(back), names: ["network"] });
    expect((await under.ended(back)).state).toBe("succeeded");
    expect((await under.ended(await under.control.plan(request))).jobs[0]?.message).toBe("nothing to do");
  },
  300_000,
);
