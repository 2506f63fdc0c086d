import type { ErrorCode } from "@fairway/core";
import { codeOf, FairwayError, messageOf } from "@fairway/core";
import { areFilesUsedUp, moreFilesHint } from "../files-used-up.ts";

/**
 * Says in Fairway's words why the database, or the disk under it, refused. What is not known is `database_unusable`:
 * it answered, and what it said is in the message.
 */
export function databaseError(tried: string, thrown: unknown): FairwayError {
  if (codeOf(thrown) !== undefined) return thrown as FairwayError;
  const reason = messageOf(thrown);
  return new FairwayError(codeOfReason(thrown, reason), `could not ${tried}: ${reason}`, {
    ...adviceFor(thrown, reason),
    cause: thrown,
  });
}

/** Why a server or a tool of PostgreSQL ended, judged by what it printed. */
export function serverError(tried: string, printed: readonly string[]): FairwayError {
  const reason = printed.join("\n") || "it printed nothing";
  return new FairwayError(
    codeOfReason(undefined, reason),
    `could not ${tried}; its last lines were:\n${reason}`,
    adviceFor(undefined, reason),
  );
}

/** Whether an error means that the database is away, so that the same call may succeed once it is back. */
export function isDatabaseAway(thrown: unknown): boolean {
  return codeOfReason(thrown, messageOf(thrown)) === "database_unavailable";
}

const awayCodes = new Set(["ECONNREFUSED", "ECONNRESET", "ENOENT", "EPIPE", "57P01", "57P02", "57P03", "53300"]);
const directoryCodes = new Set(["EACCES", "EPERM", "EROFS", "ENOTDIR", "EEXIST"]);
const awayReasons = /Connection terminated|Client has encountered a connection error|timeout expired|not queryable/;

function codeOfReason(thrown: unknown, reason: string): ErrorCode {
  const code = typeof thrown === "object" && thrown !== null && "code" in thrown ? String(thrown.code) : "";
  if (
    code === "ENOSPC" ||
    code === "EDQUOT" ||
    code === "53100" ||
    /No space left on device|Disk quota exceeded/.test(reason)
  )
    return "disk_full";
  if (code === "ENOENT" && "syscall" in (thrown as object) && (thrown as NodeJS.ErrnoException).syscall !== "connect")
    return "data_directory_unusable";
  if (directoryCodes.has(code) || /Permission denied|Read-only file system|Operation not permitted/.test(reason))
    return "data_directory_unusable";
  if (areFilesUsedUp(thrown) || awayCodes.has(code) || code.startsWith("08") || awayReasons.test(reason))
    return "database_unavailable";
  return "database_unusable";
}

function adviceFor(thrown: unknown, reason: string): { readonly hint?: string; readonly retryable: boolean } {
  switch (codeOfReason(thrown, reason)) {
    case "disk_full":
      return {
        hint: "free space on the disk of the data directory; nothing that was committed is lost",
        retryable: true,
      };
    case "data_directory_unusable":
      return { hint: "the data directory must be writable by the user that runs Fairway", retryable: false };
    case "database_unavailable":
      return areFilesUsedUp(thrown) ? { hint: moreFilesHint, retryable: true } : { retryable: true };
    default:
      return { retryable: false };
  }
}
