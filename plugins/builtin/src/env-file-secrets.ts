import { open } from "node:fs/promises";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { FairwayError, type SecretSource } from "@fairway/core";

/**
 * Secrets in files beside the configuration, `<environment>.env`, one `NAME=value` a line. An environment without a file
 * has no secrets. A file that others may read is refused: what is in it is no secret.
 */
export function envFileSecrets(directory: string): SecretSource {
  return {
    async lookUp(environment, names) {
      const values = await readSecretFile(fileOf(directory, environment));
      const found = names.flatMap((name) => {
        const value = Object.hasOwn(values, name) ? values[name] : undefined;
        return value === undefined ? [] : [[name, value] as const];
      });
      return Object.fromEntries(found);
    },
  };
}

function fileOf(directory: string, environment: string): string {
  if (/^[A-Za-z0-9][\w.-]*$/.test(environment)) return join(directory, `${environment}.env`);
  throw new FairwayError("bad_request", `${JSON.stringify(environment)} cannot name an environment`);
}

/** The variables of a file that nobody else may read; none when it is not there. Throws `secret_missing`. */
export async function readSecretFile(file: string): Promise<Readonly<Record<string, string | undefined>>> {
  const handle = await open(file, "r").catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === "ENOENT") return undefined;
    throw new FairwayError("secret_missing", `could not read ${file}: ${thrown.message}`, { cause: thrown });
  });
  if (handle === undefined) return {};
  try {
    // Of what is open, so that no other file can take its place in between.
    const found = await handle.stat();
    const { mode, uid } = found;
    if (!found.isFile()) throw new FairwayError("secret_missing", `${file} is not a file`);
    if ((mode & 0o077) !== 0) {
      throw new FairwayError("secret_missing", `${file} can be read by others, so it is not used`, {
        hint: `Keep it to yourself: chmod 600 ${file}`,
      });
    }
    if (uid !== process.getuid?.() && uid !== 0) {
      throw new FairwayError("secret_missing", `${file} belongs to another user, so it is not used`, {
        hint: `Take it over: chown ${process.getuid?.() ?? ""} ${file}`,
      });
    }
    return parseEnv(await handle.readFile("utf8"));
  } finally {
    await handle.close();
  }
}
