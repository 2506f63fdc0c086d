import { FairwayError } from "@fairway/core";

/** What to throw instead when something failed because the disk has no room; undefined for any other failure. */
export function diskFull(thrown: unknown, what: string): FairwayError | undefined {
  const code = typeof thrown === "object" && thrown !== null && "code" in thrown ? thrown.code : undefined;
  if (code !== "ENOSPC" && code !== "EDQUOT") return undefined;
  return new FairwayError("disk_full", `no room on the disk for ${what}`, {
    hint: "Make room and try again; `fairway doctor` shows what takes it.",
    retryable: true,
    cause: thrown,
  });
}

/** Writes something, and says what there was no room for. Throws `disk_full`. */
export async function withRoom<Written>(what: string, write: () => Promise<Written>): Promise<Written> {
  try {
    return await write();
  } catch (thrown) {
    throw diskFull(thrown, what) ?? thrown;
  }
}
