import { FairwayError, messageOf } from "@fairway/core";

const reasons: Readonly<Record<string, string>> = {
  EACCES: "you may not write there",
  EPERM: "you may not write there",
  EROFS: "what it lies on can only be read",
  ENOSPC: "there is no room",
  EDQUOT: "your share of the room is used up",
  ENOTDIR: "something on the way there is a file",
  ENAMETOOLONG: "its name is too long",
};

/** Why nothing can be kept in a directory, with what the system said about it. */
export function directoryUnusable(what: string, cause: unknown): FairwayError {
  const reason = reasons[String((cause as NodeJS.ErrnoException).code)] ?? messageOf(cause);
  return new FairwayError("data_directory_unusable", `${what}: ${reason}`, {
    cause,
    hint: "give another with --data, or make it writable for you",
  });
}
