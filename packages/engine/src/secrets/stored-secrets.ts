import type { OutsideSecrets, SecretSource } from "@fairway/core";
import { previewSecrets } from "@fairway/core";
import type { Sealer } from "../sealing/sealer.ts";
import type { GivenSecret } from "../store/secrets.ts";
import { currentSecrets, secretVersion, shared } from "../store/secrets.ts";
import type { Sql } from "../store/store.ts";
import { workflowScope } from "../workflows/workflow-secrets.ts";

/** What the values of secrets are read with. */
export interface StoredSecretParts {
  readonly sql: Sql;
  readonly sealer: Sealer;
  readonly outside: OutsideSecrets;
  /** Files of `NAME=value` lines, for what the store does not have. */
  readonly files: SecretSource;
  /** Names a value without telling it. */
  readonly nameSecret: (environment: string, name: string, value: string) => string;
}

/** For what a version of a secret is sealed, so that none opens in the place of another. */
export const purposeOf = ({
  environment,
  name,
  version,
}: Pick<GivenSecret, "environment" | "name" | "version">): string =>
  `secret/${JSON.stringify([environment, name, version])}`;

/**
 * The secrets of the store: an environment's own first, then those of its file, then what all environments share. What a
 * reference leads to is asked for at each look.
 */
export function storedSecrets(parts: StoredSecretParts): SecretSource {
  const { sql, sealer, outside, files, nameSecret } = parts;

  async function chosen(
    environment: string,
    names: readonly string[],
  ): Promise<{ readonly kept: readonly GivenSecret[]; readonly fromFile: Readonly<Record<string, string>> }> {
    if (names.length === 0) return { kept: [], fromFile: {} };
    const found = await currentSecrets(sql, sharesSecrets(environment) ? [environment, shared] : [environment], names);
    const own = found.filter((secret) => secret.environment === environment);
    const missing = names.filter((name) => !own.some((secret) => secret.name === name));
    // What no environment has to do with has no file.
    const fromFile = missing.length === 0 || environment === shared ? {} : await files.lookUp(environment, missing);
    const rest = found.filter(
      (secret) =>
        secret.environment === shared && missing.includes(secret.name) && !Object.hasOwn(fromFile, secret.name),
    );
    return { kept: environment === shared ? own : [...own, ...rest], fromFile };
  }

  /** A version by the words that `versions` has for it; null where that is none of the store, or is not there any more. */
  async function keptAt(environment: string, name: string, version: string | undefined): Promise<GivenSecret | null> {
    const [, isShared, number] = /^(shared )?v(\d{1,9})$/.exec(version ?? "") ?? [];
    if (number === undefined) return null;
    const found = await secretVersion(sql, isShared === undefined ? environment : shared, name, Number(number));
    return found === null || (found.sealed === null && found.reference === null) ? null : found;
  }

  const valueOf = async (secret: GivenSecret): Promise<string> =>
    secret.sealed === null
      ? outside.resolve(secret.reference ?? "")
      : (await sealer.open(purposeOf(secret), secret.sealed)).toString("utf8");

  const valuesOf = async (kept: readonly GivenSecret[]): Promise<Readonly<Record<string, string>>> =>
    Object.fromEntries(
      await Promise.all(kept.map(async (secret) => [secret.name, await valueOf(secret)] as const)),
    ) as Record<string, string>;

  async function lookUp(environment: string, names: readonly string[]): Promise<Readonly<Record<string, string>>> {
    const { kept, fromFile } = await chosen(environment, names);
    return { ...fromFile, ...(await valuesOf(kept)) };
  }

  return {
    lookUp,
    async lookUpAt(environment, names, versions) {
      const found = await Promise.all(names.map((name) => keptAt(environment, name, versions[name])));
      const kept = found.filter((secret) => secret !== null);
      const pinned = new Set(kept.map(({ name }) => name));
      const rest = names.filter((name) => !pinned.has(name));
      return { ...(await lookUp(environment, rest)), ...(await valuesOf(kept)) };
    },
    async versions(environment, names) {
      const { kept, fromFile } = await chosen(environment, names);
      return Object.fromEntries([
        ...Object.entries(fromFile).map(([name, value]) => [name, nameSecret(environment, name, value)]),
        ...kept.map((secret) => [secret.name, `${secret.environment === shared ? "shared " : ""}v${secret.version}`]),
      ]) as Record<string, string>;
    },
  };
}

/** Workflows and previews are given what is theirs, and variables are no secrets: none sees what environments share. */
const sharesSecrets = (environment: string): boolean =>
  environment !== workflowScope && environment !== previewSecrets && !environment.endsWith(".vars");
