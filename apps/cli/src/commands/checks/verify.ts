import { writeFile } from "node:fs/promises";
import type { Client } from "@fairway/api";
import { junitOf } from "@fairway/core";
import type { GlobalOptions } from "../../context.ts";
import { daemonClient, whoAsks } from "../../context.ts";
import { followRun } from "../../follow-run.ts";
import { startedOnly } from "../started-only.ts";

interface VerifyOptions extends GlobalOptions {
  readonly check?: readonly string[];
  readonly junit?: string;
  readonly key?: string;
  readonly detach?: boolean;
}

/** `fairway verify`: exit code 1 says that a check said no, 2 that one could not be asked. */
export async function verify([environment = ""]: readonly string[], options: VerifyOptions): Promise<number> {
  // No environment's name has a dot.
  if (environment.endsWith(".zip"))
    return (await import("../backups/evidence.ts")).verifyBundleFile([environment], options);
  if (environment.endsWith(".seal.json"))
    return (await import("../backups/evidence.ts")).verifySealFile([environment], options);
  const client = await daemonClient(options);
  const checks = options.check === undefined ? null : [...options.check];
  const run = await client.call("verify", { environment, checks, by: whoAsks() });
  if (options.detach) return startedOnly(run, options);
  const code = await followRun(client, run.id, options);
  if (options.junit !== undefined) await writeJunit(client, run.id, options.junit);
  return code;
}

async function writeJunit(client: Client, run: string, file: string): Promise<void> {
  const results = await client.call("checkResults", { run, limit: 500 });
  const whole = await Promise.all(results.toReversed().map(({ id }) => client.call("checkResult", { result: id })));
  await writeFile(file, junitOf(whole), { flag: "wx" });
}
