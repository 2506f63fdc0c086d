import { expect, test } from "vitest";
import { standInForDaemon } from "../testing/daemon-stand-in.ts";
import { runCli } from "../testing/run-cli.ts";
import { aRun } from "../testing/shapes.ts";

test.each([
  [[], "HEAD"],
  [["v1.2"], "v1.2"],
])("release %j makes a release, although it has commands below it", async (words, ref) => {
  const daemon = await standInForDaemon({ "POST /api/v1/releases": aRun() });
  const { code } = await runCli(["--data", daemon.dataDirectory, "release", "--ignore-uncommitted", "-d", ...words]);
  await daemon.close();
  expect(code).toBe(0);
  expect(daemon.changes.map(({ path, body }) => [path, (body as { ref: string }).ref])).toEqual([
    ["/api/v1/releases", ref],
  ]);
});
