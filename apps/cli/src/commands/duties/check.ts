import { cwd } from "node:process";
import { FairwayError } from "@fairway/core";
import type { GlobalOptions } from "../../context.ts";
import { harmless, print, printJson } from "../../output/terminal.ts";

/** `fairway duties check`: exit code 2 says that there are problems. */
export async function checkDuties([directory = cwd()]: readonly string[], options: GlobalOptions): Promise<number> {
  const { loadDuties } = await import("@fairway/config");
  const loaded = loadDuties(directory, { commit: "", today: new Date().toISOString().slice(0, 10) });
  if (options.json) {
    printJson(
      loaded.ok ? { problems: [], duties: loaded.plan.duties.map(({ id }) => id) } : { problems: loaded.problems },
    );
    return loaded.ok ? 0 : 2;
  }
  if (loaded.ok) {
    const { duties, gates } = loaded.plan;
    print(`${duties.length} duties, ${gates.length} ${gates.length === 1 ? "gate" : "gates"}, no problems`);
    return 0;
  }
  for (const { file, line, column, code, message, fix } of loaded.problems) {
    print(`${harmless(file)}:${line}:${column} ${code} ${harmless(message)}`);
    if (fix !== undefined) print(`    ${harmless(fix)}`);
  }
  return 2;
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
