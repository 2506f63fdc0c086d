import { open } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Millis, SecretReference } from "@fairway/core";
import { FairwayError, messageOf } from "@fairway/core";
import { guardedWebFetch } from "../outgoing/guarded-web-fetch.ts";
import { answerWithin } from "./secret-program.ts";

type VaultReference = Extract<SecretReference, { store: "vault" }>;

const fetch = guardedWebFetch({ origin: "operator" });
const longestAnswer = 1024 * 1024;

/**
 * A secret of HashiCorp Vault's key-value store, version 2 (developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2). The
 * address is `VAULT_ADDR`, the token lies in the file that `VAULT_TOKEN_FILE` names or where `vault login` puts it.
 */
export async function vaultSecret(
  { mount, path, field, version }: VaultReference,
  env: NodeJS.ProcessEnv = process.env,
  within: Millis = answerWithin,
): Promise<string> {
  const url = new URL(`v1/${[mount, "data", ...path.split("/")].map(encodeURIComponent).join("/")}`, addressOf(env));
  if (version !== null) url.searchParams.set("version", String(version));
  const namespace = env["VAULT_NAMESPACE"];
  const headers = {
    "X-Vault-Token": await tokenOf(env),
    "X-Vault-Request": "true",
    ...(namespace === undefined ? {} : { "X-Vault-Namespace": namespace }),
  };
  const { status, body } = await asked(url, headers, within);
  const name = `${mount}/${path}`;
  switch (status) {
    case 200:
      return fieldOf(body, field, name);
    case 404:
      throw new FairwayError("secret_missing", `Vault has no ${name}${version === null ? "" : `, version ${version}`}`);
    case 403:
      throw unavailable(`Vault does not let this token read ${name}`, "renew it, or give it a policy that may", false);
    case 503:
      throw unavailable("Vault is sealed or in maintenance", "unseal it: vault operator unseal", true);
    default:
      throw unavailable(`Vault answered with ${status} for ${name}`, undefined, status >= 429);
  }
}

function addressOf({ VAULT_ADDR: address = "https://127.0.0.1:8200" }: NodeJS.ProcessEnv): URL {
  const hint = "set VAULT_ADDR for the daemon: https://vault.example:8200";
  if (!URL.canParse(address)) throw unavailable("VAULT_ADDR is no address", hint, false);
  const url = new URL(address.endsWith("/") ? address : `${address}/`);
  const isHere = ["127.0.0.1", "[::1]", "localhost"].includes(url.hostname);
  if (url.protocol === "https:" || (url.protocol === "http:" && isHere)) return url;
  throw unavailable(`${url.origin} would be told the token in the clear`, hint, false);
}

async function tokenOf({
  VAULT_TOKEN_FILE: path = join(homedir(), ".vault-token"),
}: NodeJS.ProcessEnv): Promise<string> {
  const file = await open(path, "r").catch((thrown: unknown) => {
    throw unavailable(
      `could not read Vault's token: ${messageOf(thrown)}`,
      "name its file with VAULT_TOKEN_FILE",
      false,
    );
  });
  try {
    const { mode } = await file.stat();
    if ((mode & 0o077) !== 0)
      throw unavailable(
        `${path} can be read by others, so it is not used`,
        `keep it to yourself: chmod 600 ${path}`,
        false,
      );
    const token = (await file.readFile("utf8")).trim();
    if (/^[\w.-]+$/.test(token)) return token;
    throw unavailable(`there is no token in ${path}`, "put one there: vault login", false);
  } finally {
    await file.close();
  }
}

async function asked(
  url: URL,
  headers: Readonly<Record<string, string>>,
  within: Millis,
): Promise<{ readonly status: number; readonly body: unknown }> {
  const signal = AbortSignal.timeout(within);
  try {
    const response = await fetch(url, { headers, signal });
    const parts: Uint8Array[] = [];
    let size = 0;
    for await (const bytes of response.body ?? []) {
      size += bytes.length;
      if (size > longestAnswer) throw new Error("its answer is longer than 1 MiB");
      parts.push(bytes);
    }
    const text = Buffer.concat(parts).toString("utf8");
    return { status: response.status, body: response.ok ? parsed(text) : null };
  } catch (thrown) {
    const cause = (thrown as { cause?: unknown }).cause;
    const why = signal.aborted ? `it did not answer within ${within / 1000} s` : messageOf(cause ?? thrown);
    throw unavailable(`could not ask Vault at ${url.origin}: ${why}`, undefined, true);
  }
}

/** What is no JSON is not shown: it may be what was asked for. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Error("its answer is no JSON");
  }
}

function fieldOf(body: unknown, field: string, name: string): string {
  const values = (body as { data?: { data?: unknown } } | null)?.data?.data;
  const isObject = typeof values === "object" && values !== null;
  const value = isObject && Object.hasOwn(values, field) ? (values as Record<string, unknown>)[field] : undefined;
  if (value === undefined || value === null)
    throw new FairwayError("secret_missing", `${name} of Vault has no ${field}`);
  return typeof value === "string" ? value : JSON.stringify(value);
}

const unavailable = (message: string, hint: string | undefined, retryable: boolean): FairwayError =>
  new FairwayError("secrets_unavailable", message, { hint, retryable });
