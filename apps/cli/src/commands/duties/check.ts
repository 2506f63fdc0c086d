import { cwd } from "node:process";
import { FairwayError } from "@fairway/core";
import type { GlobalOptions } from "../../context.ts";
import { harmless, print, printJson } from "../../output/terminal.ts";

/** `fairway duties check`: exit code 2 says that there are problems. */
export async function checkDuties([directory = cwd()]: readonly string[], options: GlobalOptions): Promise<number> {
  const { loadDuties, rolesOfNobody } = await import("@fairway/config");
  const today = new Date().toISOString().slice(0, 10);
  const loaded = loadDuties(directory, { commit: "", today });
  const problems = loaded.ok ? rolesOfNobody(loaded.plan, today) : loaded.problems;
  const exitCode = problems.length === 0 ? 0 : 2;
  if (options.json) {
    printJson(loaded.ok ? { problems, duties: loaded.plan.duties.map(({ id }) => id) } : { problems });
    return exitCode;
  }
  for (const { file, line, column, code, message, fix } of problems) {
    print(`${harmless(file)}:${line}:${column} ${code} ${harmless(message)}`);
    if (fix !== undefined) print(`    ${harmless(fix)}`);
  }
  if (!loaded.ok) return exitCode;
  const { duties, gates } = loaded.plan;
  const found = `${duties.length} duties, ${gates.length} ${gates.length === 1 ? "gate" : "gates"}`;
  print(exitCode === 0 ? `${found}, no problems` : `${found}; they hold, and what nobody answers for is failing`);
  return exitCode;
}

const files = {
  people: "people.yaml",
  duties: "duties.yaml",
  credentials: "credentials.yaml",
  backups: "backups.yaml",
  gates: "gates.yaml",
  disclosures: "disclosures.yaml",
  education: "education.yaml",
  severity: "severity.yaml",
  scan: "scan.yaml",
  notice: "notice.yaml",
  playbook: "playbook",
} as const;

/** `fairway duties schema`. */
export async function dutySchema([file = ""]: readonly string[], _options: GlobalOptions): Promise<void> {
  const name = file.replace(/\.yaml$/, "");
  if (!Object.hasOwn(files, name))
    throw new FairwayError("bad_request", `there is no schema of ${JSON.stringify(file)}`, {
      hint: `there are ${Object.keys(files).join(", ")}`,
    });
  const { dutyJsonSchema } = await import("@fairway/config");
  printJson(dutyJsonSchema(files[name as keyof typeof files]));
}
