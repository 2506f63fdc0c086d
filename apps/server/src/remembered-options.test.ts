import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { usualOptions, type DaemonOptions } from "./daemon-options.ts";
import { changedBy, rememberedOptions, rememberOptions } from "./remembered-options.ts";

const dataDirectory = mkdtempSync(join(tmpdir(), "fairway-options-"));
afterAll(() => rmSync(dataDirectory, { recursive: true }));

const file = join(dataDirectory, "options.json");
const options: DaemonOptions = {
  ...{ dataDirectory, repository: "/srv/shop", host: "127.0.0.1" },
  ...{ port: 7400, router: "local", routerHost: "0.0.0.0", routerPort: 80, internalPort: 7301 },
  ...{ tlsPort: 443, accessLogSample: 0.5, routerWorkers: 2 },
};

test("a daemon that was never told anything gets what is usual", async () => {
  expect(await rememberedOptions(join(dataDirectory, "none"))).toEqual(usualOptions);
});

test("what a daemon was told is kept, its owner's only, and nothing of where it is", async () => {
  await rememberOptions(options);
  const { dataDirectory: _data, repository: _repository, host: _host, ...said } = options;
  expect(await rememberedOptions(dataDirectory)).toEqual(said);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, "utf8")).not.toContain("srv");
});

test("what the router was told since counts from then on", async () => {
  await rememberOptions(
    changedBy({ workers: 1, accessLogSample: null }, options, await rememberedOptions(dataDirectory)),
  );
  const now = await rememberedOptions(dataDirectory);
  expect(now).toMatchObject({ routerWorkers: 1, tlsPort: 443, routerPort: 80 });
  expect(now).not.toHaveProperty("accessLogSample");
  await rememberOptions(changedBy({ accessLogSample: 0.1 }, options, now));
  expect(await rememberedOptions(dataDirectory)).toMatchObject({ routerWorkers: 1, accessLogSample: 0.1 });
});

test.each(["{", "[1", "null", '{"port":"80"}', '{"routerPort":-1}', '{"router":7}'])(
  "a file that says %s is no reason to start something else",
  async (text) => {
    writeFileSync(file, text);
    await expect(rememberedOptions(dataDirectory)).rejects.toMatchObject({
      code: "data_directory_unusable",
      hint: expect.stringContaining("remove it") as string,
    });
  },
);
