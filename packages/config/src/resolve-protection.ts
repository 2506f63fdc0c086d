import type { ApprovalTerms, ApproverRule, Environment, FreezeWindow, Millis } from "@fairway/core";
import { millisOf } from "./duration.ts";
import { instantOf } from "./freeze-times.ts";
import type { Ledger } from "./ledger.ts";
import type { Path } from "./path.ts";
import type { EnvironmentConfig, Freezes } from "./project-config.ts";
import { timeZoneProblem } from "./time-zone.ts";

/** How long a yes counts where nothing else is written. */
const standardExpiry: Millis = 24 * 3_600_000;

type Protection = Pick<Environment, "approvals" | "approvalTerms" | "freezes" | "notice">;

/** What is as usual is left out: it would give every release from before another digest. */
export function resolveProtection(at: Path, config: EnvironmentConfig, ledger: Ledger): Protection {
  const written = typeof config.approvals === "object" ? config.approvals : undefined;
  const approvals = ledger.own(
    [...at, "approvals"],
    written?.needed ?? (typeof config.approvals === "number" ? config.approvals : undefined),
    0,
  );
  const from = approversOf(written?.from);
  if (from.length > 0) ledger.own([...at, "approvals", "from"], from.map(textOfRule), []);
  const expires = written?.expires === undefined ? undefined : millisOf(written.expires);
  if (expires !== undefined) ledger.own([...at, "approvals", "expires"], expires, standardExpiry);
  const terms: ApprovalTerms = { ...(from.length > 0 ? { from } : {}), ...(expires === undefined ? {} : { expires }) };
  const freezes = (config.freezes ?? []).flatMap(windowOf);
  if (config.freezes !== undefined) ledger.own([...at, "freezes"], freezes, []);
  const notice = config.notice === undefined ? undefined : millisOf(config.notice);
  if (notice !== undefined) ledger.own([...at, "notice"], notice, 0);
  return {
    approvals,
    ...(Object.keys(terms).length > 0 ? { approvalTerms: terms } : {}),
    ...(freezes.length > 0 ? { freezes } : {}),
    ...(notice ? { notice } : {}),
  };
}

const approversOf = (
  written: {
    readonly roles?: readonly string[] | undefined;
    readonly people?: readonly string[] | undefined;
  } = {},
): readonly ApproverRule[] => [
  ...(written.roles ?? []).map((role) => ({ role })),
  ...(written.people ?? []).map((person) => ({ person })),
];

const textOfRule = (rule: ApproverRule): string => ("role" in rule ? `role ${rule.role}` : rule.person);

/** Nothing for times that are none, which the rules report. */
function windowOf(written: Freezes[number]): readonly FreezeWindow[] {
  const timeZone = written.timezone ?? "UTC";
  if (timeZoneProblem(timeZone) !== null) return [];
  const { because } = written;
  try {
    if ("from" in written)
      return [{ because, from: instantOf(written.from, timeZone), to: instantOf(written.to, timeZone) }];
    instantOf(written.starts, timeZone);
    return [
      { because, repeats: written.repeats, starts: written.starts, lasts: millisOf(written.lasts) ?? 0, timeZone },
    ];
  } catch {
    return []; // RangeError: the rules say what is wrong with it
  }
}
