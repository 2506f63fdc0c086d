import { existsSync, realpathSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve, sep } from "node:path";
import type { KeyKeepers } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import { folderKeepers, givenKeepers, readKeyFile } from "@fairway/engine";
import { commandKeepers } from "./command-keepers.ts";

/** Where a person's part of Fairway's configuration lies, by the XDG Base Directory Specification. */
const configFolder = (env: NodeJS.ProcessEnv = process.env): string =>
  join(env["XDG_CONFIG_HOME"] || join(homedir(), ".config"), "fairway");

/**
 * Who has the key that seals secrets: `FAIRWAY_KEY_COMMAND` asks a key management service, `FAIRWAY_KEY` holds it,
 * `FAIRWAY_KEY_FILE` names its file, and without either it lies in the configuration folder of whoever runs the daemon. Throws
 * `key_unusable`, also for a file within the data directory: whoever took that would have both.
 */
export async function keyKeepers(dataDirectory: string, env: NodeJS.ProcessEnv = process.env): Promise<KeyKeepers> {
  const { FAIRWAY_KEY_COMMAND: command } = env;
  const told = await toldKeepers(dataDirectory, env);
  return command === undefined ? told : commandKeepers(command, told);
}

async function toldKeepers(dataDirectory: string, env: NodeJS.ProcessEnv): Promise<KeyKeepers> {
  const { FAIRWAY_KEY: key, FAIRWAY_KEY_FILE: file } = env;
  if (key !== undefined && file !== undefined)
    throw new FairwayError("key_unusable", "FAIRWAY_KEY and FAIRWAY_KEY_FILE are both set", {
      hint: "keep one of them",
    });
  if (key !== undefined) {
    // No process that this one starts is to inherit it.
    delete env["FAIRWAY_KEY"];
    return givenKeepers(key, "FAIRWAY_KEY");
  }
  const place = file === undefined ? join(configFolder(env), "keys") : resolve(file);
  if (isWithin(place, dataDirectory))
    throw new FairwayError("key_unusable", `${place} lies within the data directory ${dataDirectory}`, {
      hint: "keep the key elsewhere: a copy of the directory must not open itself",
    });
  if (file === undefined) return folderKeepers(place);
  const text = await readKeyFile(place);
  if (text !== null) return givenKeepers(text, place);
  throw new FairwayError("key_unusable", `there is no file ${place}, which FAIRWAY_KEY_FILE names`, {
    hint: "put the key there: openssl rand -base64 32 > FILE; chmod 600 FILE",
  });
}

/** Where the signed heads of the audit lie: in the file that `FAIRWAY_AUDIT_HEADS` names, or in the configuration folder. */
export const auditHeads =
  (env: NodeJS.ProcessEnv = process.env): ((key: string) => string) =>
  (key) =>
    env["FAIRWAY_AUDIT_HEADS"] ?? join(configFolder(env), "audit-heads", `${key}.jsonl`);

const isWithin = (path: string, folder: string): boolean => `${real(path)}${sep}`.startsWith(`${real(folder)}${sep}`);

/** Of what is not there yet, by the nearest folder that is. */
function real(path: string): string {
  if (existsSync(path)) return realpathSync(path);
  const above = dirname(path);
  return above === path ? path : join(real(above), path.slice(above.length));
}
