import { messageOf } from "@fairway/core";

/**
 * Whether something failed because this process, or the machine, may open no more files. It passes when others close
 * theirs. Clients of the network change codes on the way, but not the system's words.
 */
export const areFilesUsedUp = (thrown: unknown): boolean => /\bE[MN]FILE\b/.test(messageOf(thrown));

/** What a person can do about it. */
export const moreFilesHint =
  "Too many files are open: allow the daemon more (LimitNOFILE= in the unit, or ulimit -n before fairway up); `fairway doctor` says how many it may open.";
