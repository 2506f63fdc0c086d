import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { envFileSecrets } from "./env-file-secrets.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "fairway-secrets-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

it("answers with the values that are there, and only those asked for", async () => {
  await writeFile(
    join(directory, "production.env"),
    '# keys\nTOKEN=a=b#c\nKEY="two\nlines"\nEMPTY=\nexport OTHER=x\n',
    { mode: 0o600 },
  );
  const secrets = envFileSecrets(directory);
  expect(await secrets.lookUp("production", ["TOKEN", "KEY", "EMPTY", "MISSING", "constructor"])).toEqual({
    TOKEN: "a=b",
    KEY: "two\nlines",
    EMPTY: "",
  });
  expect(await secrets.lookUp("staging", ["TOKEN"])).toEqual({});
});

it("refuses a file that others can read, and says how to close it", async () => {
  await writeFile(join(directory, "production.env"), "TOKEN=x");
  await chmod(join(directory, "production.env"), 0o640);
  await expect(envFileSecrets(directory).lookUp("production", ["TOKEN"])).rejects.toMatchObject({
    code: "secret_missing",
    hint: expect.stringContaining("chmod 600"),
  });
});

it("reads nothing outside of its directory, and says when it cannot read", async () => {
  await expect(envFileSecrets(directory).lookUp("../production", ["TOKEN"])).rejects.toMatchObject({
    code: "bad_request",
  });
  await mkdir(join(directory, "production.env"), { mode: 0o700 });
  await expect(envFileSecrets(directory).lookUp("production", ["TOKEN"])).rejects.toThrow("is not a file");
});
