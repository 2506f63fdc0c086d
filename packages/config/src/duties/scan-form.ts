import type { AllowedFinding, DutyPlan } from "@fairway/core";
import { dayAfter, periodOf } from "@fairway/core";
import { z } from "zod";
import type { Problem } from "../problems.ts";
import { form } from "../schema-parts.ts";
import type { DutyFacts } from "./duty-of.ts";
import { rolesKnown } from "./duty-of.ts";
import { day, list, role, sentence } from "./duty-parts.ts";
import type { DutySource } from "./read-duty-file.ts";

/** Scan.yaml: what looks like a key and is none. */
export interface WrittenScan {
  readonly allow: readonly {
    readonly path?: string | undefined;
    readonly fingerprint?: string | undefined;
    readonly reason: string;
    readonly owner: string;
    readonly until: string;
  }[];
}

export const scanForm: z.ZodType<WrittenScan> = z.strictObject({
  allow: list(
    z.strictObject({
      path: form(/^[^/*\s][^*\n]{0,399}$/u, "must be a file of the repository, or a folder that ends with /")
        .optional()
        .meta({ description: "A file, or all below a folder that ends with `/`.", examples: ["tests/fixtures/"] }),
      fingerprint: form(/^[0-9a-f]{32}$/u, "must be a fingerprint as a scan tells it").optional(),
      reason: sentence.meta({ description: "Why it is no key." }),
      owner: role.meta({ description: "Who answers for it. Where nobody has the role any more it counts no more." }),
      until: day.meta({ description: "The last day that it counts, at most 90 days away." }),
    }),
    "what is allowed",
  ).meta({ description: "What looks like a key and is none. Values of the store of secrets are never allowed." }),
});

const longest = periodOf("P90D");

/** What is allowed, or what is wrong with it. */
export function allowedFindings(
  source: DutySource<WrittenScan> | null,
  facts: DutyFacts,
): { readonly allowed: NonNullable<DutyPlan["allowed"]>; readonly problems: readonly Problem[] } {
  const latest = longest === null ? facts.today : dayAfter(facts.today, longest);
  const problems: Problem[] = [];
  const allowed: AllowedFinding[] = [];
  for (const [index, written] of (source?.content?.allow ?? []).entries()) {
    if (source === null) break;
    const { path = null, fingerprint = null, reason, owner, until } = written;
    const at = ["allow", index] as const;
    problems.push(...rolesKnown([owner], () => [...at, "owner"], source, facts));
    if (path === null && fingerprint === null)
      problems.push(
        source.problem(at, "missing", "says neither where it stands nor what it is", "add path: or fingerprint:"),
      );
    if (until > latest)
      problems.push(
        source.problem(
          [...at, "until"],
          "wrong_value",
          `lasts longer than 90 days`,
          `end it on ${latest} at the latest`,
        ),
      );
    allowed.push({ path, fingerprint, reason, owner, until, place: { file: source.file, line: source.lineOf(at) } });
  }
  return { allowed, problems };
}
