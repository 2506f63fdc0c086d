import type { ErrorCode } from "@fairway/core";
import { errorCodes } from "@fairway/core";
import { exitCodes } from "../../apps/cli/src/output/refusal.ts";
import { statusOf } from "../../apps/server/src/http/status-codes.ts";

/** The page that describes every error. */
export function errorsReference(): string {
  const codes = Object.keys(errorCodes).sort() as ErrorCode[];
  const rows = codes.map((code) => `| \`${code}\` | ${errorCodes[code]} | ${statusOf[code]} | ${exitCodes[code]} |`);
  return `# Errors

<!-- Written from packages/core/src/errors.ts by tools/generate-reference.mjs; a test fails when it differs. -->

The list is closed. Over HTTP an error is a \`Problem\`: \`code\`, \`message\` (what was tried, on what), often a \`hint\` (what to
do), \`retryable\` (whether the same may succeed later with nothing changed by hand) and \`problems\` (several findings under
one error). The command line prints the same, with \`--json\` as \`{ "error": … }\`.

Exit code 1 says that the answer is no, 2 that it could not be found out.

| code | means | HTTP | exit |
| --- | --- | --- | --- |
${rows.join("\n")}
`;
}
