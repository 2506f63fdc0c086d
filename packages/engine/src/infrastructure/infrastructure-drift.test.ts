import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTofuPlaces } from "../../../../tools/opentofu-places.mjs";
import { needs } from "../../../../tools/skips.ts";
import { ignoreDrift, listDrift } from "../store/infrastructure-drift.ts";
import type { StacksUnderTest } from "./testing/stacks-under-test.ts";
import { releaseWith, stackOf, stacksUnderTest } from "./testing/stacks-under-test.ts";

const place = openTofuPlaces.find((one) => existsSync(join(one, "bin"))) ?? "";
const path = process.env["PATH"];
const request = { environment: "staging", of: null, by: "ana" } as const;

let under: StacksUnderTest;
let motd: string;
beforeAll(async () => {
  process.env["PATH"] = `${join(place, "bin")}${delimiter}${path ?? ""}`;
  under = await stacksUnderTest();
  motd = join(under.data.root, "world", "motd");
  await mkdir(join(under.source, "world"), { recursive: true });
  await writeFile(
    join(under.source, "world", "main.tf"),
    `terraform {
  required_providers {
    local = { source = "mirror.invalid/hashicorp/local" }
  }
}
resource "local_file" "motd" {
  filename = "${motd}"
  content  = "welcome"
}
`,
  );
  const settings = join(under.data.root, "settings.tfrc");
  await mkdir(dirname(settings), { recursive: true });
  await writeFile(
    settings,
    `provider_installation {\n  filesystem_mirror {\n    path = "${place}/providers"\n  }\n}\n`,
  );
  under.runs.release = releaseWith([
    stackOf("world", "tofu", {
      preventDestroy: false,
      owner: "platform",
      placed: { env: { TF_CLI_CONFIG_FILE: settings } },
    }),
  ]);
});
afterAll(async () => {
  process.env["PATH"] = path;
  await under.closeAll();
});

const looked = async (): Promise<string | null | undefined> =>
  (await under.ended(await under.control.look(request))).jobs[0]?.message;
const open = () => listDrift(under.store, { environment: "staging", limit: 10 });

test.skipIf(!needs("opentofu"))(
  "what somebody took away is found with its owner, and is put back, taken over or left alone as asked",
  async () => {
    expect((await under.ended(await under.control.apply(request))).state).toBe("succeeded");
    expect(await looked()).toBe("the world is as the code says");

    // Found once, however often it is looked at.
    await rm(motd);
    expect(await looked()).toBe("1 out-of-band");
    const [first] = await open();
    expect(first).toMatchObject({
      address: "local_file.motd",
      kind: "out-of-band",
      action: "destroy",
      owner: "platform",
    });
    await looked();
    const again = await open();
    expect(again.map(({ id, firstSeen }) => [id, firstSeen])).toEqual([[first?.id, first?.firstSeen]]);

    // Re-apply: the code wins, and the finding is closed by the next look.
    expect((await under.ended(await under.control.apply(request))).state).toBe("succeeded");
    expect(await readFile(motd, "utf8")).toBe("welcome");
    expect(await looked()).toBe("the world is as the code says");
    expect(await open()).toEqual([]);

    // Leave alone: it is noise until the rule's day is over.
    await rm(motd);
    await looked();
    const [second] = await open();
    if (second === undefined) throw new Error("nothing was found");
    const rule = { resource: second.address, field: null, reason: "moved by hand", by: "ana" };
    await ignoreDrift(under.store, second, { ...rule, until: "2999-01-01T00:00:00.000Z" });
    expect(await looked()).toBe("1 noise");
    expect(await open()).toEqual([]);

    // Adopt: the state forgets it, and the code is what differs then.
    const adopt = await under.control.adopt(request);
    const adopted = await under.ended(adopt);
    expect([adopted.state, adopted.jobs.find(({ name }) => name === "apply:world")?.message]).toEqual([
      "succeeded",
      expect.stringMatching(/^applied plan/u),
    ]);
    expect(await looked()).toBe("1 ours");
    expect(await open()).toMatchObject([{ kind: "ours", action: "create" }]);
  },
  480_000,
);
