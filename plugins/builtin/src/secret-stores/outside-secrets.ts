import type { OutsideSecrets, SecretReference } from "@fairway/core";
import { FairwayError, readSecretReference } from "@fairway/core";
import { readSecretFile } from "../env-file-secrets.ts";
import { printedSecret } from "./secret-program.ts";
import { vaultSecret } from "./vault-secrets.ts";

/** The stores that references may lead to. Values pass through and are kept nowhere. */
export function outsideSecrets(): OutsideSecrets {
  return {
    async resolve(text) {
      const read = readSecretReference(text);
      if (!read.ok) throw new FairwayError("bad_request", read.problem, { hint: read.hint });
      const value = await valueOf(read.reference);
      if (value === "") throw new FairwayError("secret_missing", `${nameOf(read.reference)} is empty`);
      return value;
    },
  };
}

async function valueOf(reference: SecretReference): Promise<string> {
  switch (reference.store) {
    case "vault":
      return vaultSecret(reference);
    case "aws":
      return awsSecret(reference);
    case "op":
      return printedSecret({
        store: "1Password",
        argv: ["op", "read", "--no-newline", reference.reference],
        tellsNothing: true,
        hint: "sign in where the daemon runs, or give it OP_SERVICE_ACCOUNT_TOKEN",
      });
    case "file": {
      const value = (await readSecretFile(reference.path))[reference.name];
      if (value !== undefined) return value;
      throw new FairwayError("secret_missing", `${reference.path} has no ${reference.name}`);
    }
    case "command":
      return printedSecret({
        store: "the command",
        argv: reference.argv,
        tellsNothing: false,
        hint: `try it as the daemon's user: ${JSON.stringify(reference.argv)}`,
      });
  }
}

/** By AWS' own command line, which finds out itself who it is: profiles, roles, single sign-on. */
async function awsSecret({ id, field, version }: Extract<SecretReference, { store: "aws" }>): Promise<string> {
  const at = version === undefined ? [] : ["--version-id", version];
  const query = [...at, "--query", "SecretString", "--output", "text"];
  const text = await printedSecret({
    store: "AWS Secrets Manager",
    argv: ["aws", "secretsmanager", "get-secret-value", "--secret-id", id, ...query, "--no-cli-pager"],
    tellsNothing: true,
    hint: "give the daemon credentials that may read it: secretsmanager:GetSecretValue",
  });
  if (field === null) return text;
  const value = fieldOf(text, field);
  if (value !== undefined) return value;
  throw new FairwayError("secret_missing", `${id} of AWS Secrets Manager has no ${field}`);
}

function fieldOf(text: string, field: string): string | undefined {
  let values: unknown;
  try {
    values = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof values !== "object" || values === null || !Object.hasOwn(values, field)) return undefined;
  const value = (values as Record<string, unknown>)[field];
  return typeof value === "string" ? value : JSON.stringify(value);
}

function nameOf(reference: SecretReference): string {
  switch (reference.store) {
    case "vault":
      return `${reference.mount}/${reference.path} of Vault`;
    case "aws":
      return `${reference.id} of AWS Secrets Manager`;
    case "op":
      return reference.reference;
    case "file":
      return `${reference.name} in ${reference.path}`;
    case "command":
      return `what ${reference.argv[0]} printed`;
  }
}
