import { columnRules } from "./column-rules.ts";
import { constraintRules } from "./constraint-rules.ts";
import { indexRules } from "./index-rules.ts";
import { lockRules } from "./lock-rules.ts";
import type { LintRule } from "./rule.ts";
import { tableRules } from "./table-rules.ts";

/** Every rule there is. The order is that of the reference. */
export const lintRules: readonly LintRule[] = [
  ...indexRules,
  ...columnRules,
  ...constraintRules,
  ...tableRules,
  ...lockRules,
];
