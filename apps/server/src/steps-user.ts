import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { FairwayError } from "@fairway/core";
import type { CommandUser } from "@fairway/engine";

/** The user whom the jobs of workflows run as. Throws `bad_request` when there is none of that name, or it cannot be. */
export async function stepsUserOf(name: string | undefined): Promise<CommandUser | undefined> {
  if (name === undefined) return undefined;
  if (process.getuid?.() !== 0)
    throw new FairwayError("bad_request", `only root may run the steps of workflows as "${name}"`, {
      hint: "start the daemon as root, or leave --steps-user out: steps then run as you",
    });
  const [uid, gid] = await Promise.all([numberOf("-u", name), numberOf("-g", name)]);
  if (uid === 0) throw new FairwayError("bad_request", `"${name}" is root, and steps would be no less than the daemon`);
  return { uid, gid };
}

async function numberOf(which: "-u" | "-g", name: string): Promise<number> {
  const answer = await promisify(execFile)("id", [which, "--", name]).catch((thrown: unknown) => {
    throw new FairwayError("bad_request", `there is no user "${name}" on this machine`, {
      hint: `make one without a password: useradd --system --create-home ${name}`,
      cause: thrown,
    });
  });
  return Number(answer.stdout.trim());
}
