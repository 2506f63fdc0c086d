import type { FaultFinder } from "./found-fault.ts";
import { stepsJobs } from "./found-fault.ts";

/** F12: a tag is what its owner makes of it, today and tomorrow. */
export const actionPinnedByTag: FaultFinder = ({ jobs }) =>
  stepsJobs(jobs).flatMap(({ steps }) =>
    steps.flatMap((step) => {
      if (step.kind !== "uses" || /^(?:\.\/|\$\/|docker:\/\/)/u.test(step.uses.reference)) return [];
      const [name = "", ref = ""] = step.uses.reference.split("@");
      if (/^[0-9a-f]{40}$/iu.test(ref)) return [];
      const repository = name.split("/").slice(0, 2).join("/");
      return [
        {
          rule: "action-pinned-by-tag" as const,
          message: `${step.uses.reference} is what ${repository.split("/")[0] ?? ""} makes of ${ref}: it can change without a commit of yours`,
          place: step.uses.place,
          hint: `Name the commit: git ls-remote https://github.com/${repository} ${ref}`,
        },
      ];
    }),
  );
