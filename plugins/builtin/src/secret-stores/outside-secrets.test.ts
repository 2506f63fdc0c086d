import { once } from "node:events";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { outsideSecrets } from "./outside-secrets.ts";
import { printedSecret } from "./secret-program.ts";
import { vaultSecret } from "./vault-secrets.ts";

let folder: string;
let server: Server;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fairway-outside-"));
  server = createServer((request, response) => answer(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  await writeFile(join(folder, "token"), "hvs.abc\n", { mode: 0o600 });
});
afterEach(() => vi.unstubAllEnvs());
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
});

const vaultEnv = (): NodeJS.ProcessEnv => ({
  VAULT_ADDR: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  VAULT_TOKEN_FILE: join(folder, "token"),
});
const reference = { store: "vault", mount: "secret", path: "shop/api", field: "password", version: null } as const;
const json = (response: ServerResponse, status: number, body: unknown): void =>
  void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));

/** A program of the machine, for a while. */
async function program(name: string, script: string): Promise<void> {
  await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`);
  await chmod(join(folder, name), 0o755);
  vi.stubEnv("PATH", `${folder}:${process.env["PATH"]}`);
}

test("Vault is asked for the data of a path with its token, and one field is taken", async () => {
  const heard: (string | undefined)[] = [];
  answer = ({ url, headers }, response) => {
    heard.push(url, headers["x-vault-token"] as string);
    json(response, 200, { data: { data: { password: "from vault", port: 5432 } } });
  };
  expect(await vaultSecret({ ...reference, version: 3 }, vaultEnv())).toBe("from vault");
  expect(heard).toEqual(["/v1/secret/data/shop/api?version=3", "hvs.abc"]);
  expect(await vaultSecret({ ...reference, field: "port" }, vaultEnv())).toBe("5432");
  await expect(vaultSecret({ ...reference, field: "constructor" }, vaultEnv())).rejects.toMatchObject({
    code: "secret_missing",
    message: "secret/shop/api of Vault has no constructor",
  });
});

test.each([
  [404, "secret_missing", "Vault has no secret/shop/api"],
  [403, "secrets_unavailable", "Vault does not let this token read secret/shop/api"],
  [503, "secrets_unavailable", "Vault is sealed or in maintenance"],
  [500, "secrets_unavailable", "Vault answered with 500 for secret/shop/api"],
])("what Vault says with %i is told", async (status, code, message) => {
  answer = (_request, response) => json(response, status, { errors: ["hush"] });
  await expect(vaultSecret(reference, vaultEnv())).rejects.toMatchObject({ code, message });
});

test("a Vault that never answers, sends away, or talks nonsense is told about without what it said", async () => {
  const said = async (within = 10_000): Promise<string> =>
    vaultSecret(reference, vaultEnv(), within).then(
      () => "no refusal",
      (thrown: unknown) => String(thrown),
    );
  answer = () => undefined;
  expect(await said(50)).toContain("it did not answer within 0.05 s");
  answer = (_request, response) => void response.writeHead(302, { location: "http://169.254.169.254/" }).end();
  expect(await said()).toContain("could not ask Vault at http://127.0.0.1");
  answer = (_request, response) => void response.writeHead(200).end("hush, no JSON");
  expect(await said()).toContain("its answer is no JSON");
  expect(await said()).not.toContain("hush");
});

test("Vault is not asked where a cloud tells credentials, also when the operator says so", async () => {
  await expect(vaultSecret(reference, { ...vaultEnv(), VAULT_ADDR: "https://169.254.169.254" })).rejects.toThrow(
    "requests to 169.254.169.254 are refused",
  );
});

test("Vault's token is told to nobody in the clear, and not taken from a file for all", async () => {
  await expect(vaultSecret(reference, { ...vaultEnv(), VAULT_ADDR: "http://vault.example:8200" })).rejects.toThrow(
    "would be told the token in the clear",
  );
  await writeFile(join(folder, "open"), "hvs.abc");
  await chmod(join(folder, "open"), 0o644);
  await expect(vaultSecret(reference, { ...vaultEnv(), VAULT_TOKEN_FILE: join(folder, "open") })).rejects.toThrow(
    "can be read by others",
  );
});

test("AWS Secrets Manager is asked by its command line, whole or one field", async () => {
  await program("aws", `echo "$*" >> ${folder}/asked; echo '{"user":"shop","password":"p w"}'`);
  const outside = outsideSecrets();
  expect(await outside.resolve("aws:prod/db#password?version=v-1")).toBe("p w");
  expect(await readFile(`${folder}/asked`, "utf8")).toContain("--secret-id prod/db --version-id v-1 ");
  expect(await outside.resolve("aws:prod/db#password")).toBe("p w");
  expect(await outside.resolve("aws:prod/db")).toBe('{"user":"shop","password":"p w"}');
  await expect(outside.resolve("aws:prod/db#host")).rejects.toMatchObject({ code: "secret_missing" });
});

test("a locked 1Password is told in its own words", async () => {
  await program("op", `echo "[ERROR] 2026/11/22 you are not currently signed in" >&2; exit 1`);
  await expect(outsideSecrets().resolve("op://shop/db/password")).rejects.toMatchObject({
    code: "secrets_unavailable",
    message: "1Password gave no secret: [ERROR] 2026/11/22 you are not currently signed in",
  });
});

test("a command's words are no shell's, and what it says when it fails is not told", async () => {
  const outside = outsideSecrets();
  expect(await outside.resolve('command:["printf","%s","$(id); `id`"]')).toBe("$(id); `id`");
  const failed = await outside.resolve('command:["sh","-c","echo hush; echo hush >&2; exit 3"]').catch(String);
  expect(failed).toContain("sh ended with exit code 3");
  expect(failed).not.toContain("hush");
  await expect(outside.resolve('command:["/no/such/program"]')).rejects.toThrow("is not installed");
  await expect(outside.resolve('command:["true"]')).rejects.toMatchObject({ code: "secret_missing" });
});

test("a command that does not end is ended", async () => {
  const slow = { store: "the command", argv: ["sleep", "600"], tellsNothing: false, hint: "", timeout: 50 } as const;
  await expect(printedSecret(slow)).rejects.toThrow("the command did not answer within 0.05 s");
});

test("a variable of a file is taken, when nobody else may read the file", async () => {
  await writeFile(join(folder, "app.env"), 'TOKEN="from file"\n', { mode: 0o600 });
  expect(await outsideSecrets().resolve(`file:${folder}/app.env#TOKEN`)).toBe("from file");
  await chmod(join(folder, "app.env"), 0o644);
  await expect(outsideSecrets().resolve(`file:${folder}/app.env#TOKEN`)).rejects.toThrow("can be read by others");
});
