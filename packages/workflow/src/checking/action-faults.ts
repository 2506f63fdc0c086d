import { lockedSha } from "../actions/action-lock.ts";
import { type FaultFinder, stepsJobs } from "./found-fault.ts";

/** F12: a tag is what its owner makes of it, today and tomorrow. The commit is known when the lock has it. */
export const actionPinnedByTag: FaultFinder = ({ jobs }, lines, lock) =>
  stepsJobs(jobs).flatMap(({ steps }) =>
    steps.flatMap((step) => {
      if (step.kind !== "uses" || /^(?:\.\/|\$\/|docker:\/\/)/u.test(step.uses.reference)) return [];
      const { reference, place } = step.uses;
      const [name = "", ref = ""] = reference.split("@");
      if (/^[0-9a-f]{40}$/iu.test(ref)) return [];
      const repository = name.split("/").slice(0, 2).join("/");
      const owner = repository.split("/")[0] ?? "";
      const sha = lockedSha(lock, repository, ref);
      const line = lines[place.line - 1] ?? "";
      const pinned = line.trimEnd().endsWith(reference)
        ? line.trimEnd().replace(reference, `${name}@${sha ?? ""} # ${ref}`)
        : "";
      return [
        {
          rule: "action-pinned-by-tag" as const,
          message: `${reference} is what ${owner} makes of ${ref}: it can change without a commit of yours`,
          place,
          hint: `Name the commit: ${sha ?? `git ls-remote https://github.com/${repository} ${ref}`}`,
          ...(sha === undefined || pinned === ""
            ? {}
            : { edits: [{ after: place.line - 1, remove: 1, insert: [pinned] }] }),
        },
      ];
    }),
  );
