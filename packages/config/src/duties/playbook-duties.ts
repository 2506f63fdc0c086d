import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Duty, Playbook, PlaybookStep } from "@fairway/core";
import type { Problem } from "../problems.ts";
import { drillLogFault } from "./drill-log.ts";
import { playbookForm } from "./duty-forms.ts";
import type { DutyFacts } from "./duty-of.ts";
import { writtenDuty } from "./duty-of.ts";
import { playbookSteps, stepFaults } from "./playbook-steps.ts";
import { readFrontMatter } from "./read-duty-file.ts";

/** That each playbook is gone through again in its time, and when what it watches has changed. */
export function playbookDuties(root: string, files: readonly string[], facts: DutyFacts): FoundPlaybooks {
  const found = files.map((file) => ofPlaybook(root, file, facts));
  return {
    duties: found.flatMap(({ duties }) => duties),
    playbooks: found.flatMap(({ playbooks }) => playbooks),
    problems: found.flatMap(({ problems }) => problems),
    isPart: found.some(({ isPart }) => isPart),
  };
}

interface FoundPlaybooks {
  readonly duties: readonly Duty[];
  readonly playbooks: readonly Playbook[];
  readonly problems: readonly Problem[];
  /** Whether one of them could not be read whole. */
  readonly isPart: boolean;
}

/** Where the front matter has it not: what is looked at then are its other keys. */
const instead = { id: "x", owner: "x", reviewed: "2000-01-01", review_every: "P1M", escalation: ["x"] };

function ofPlaybook(root: string, file: string, facts: DutyFacts): FoundPlaybooks {
  const source = readFrontMatter(root, file, playbookForm, instead);
  const { content, isPart } = source;
  if (content === null) return { duties: [], playbooks: [], problems: source.problems, isPart };
  const steps = playbookSteps(source.body);
  const whole = readFileSync(join(root, file), "utf8");
  const above = whole.slice(0, whole.length - source.body.length).split("\n").length - 1;
  const { id, title = id, owner, reviewed, review_every: every, escalation, state_refs = [], watches, task } = content;
  const problems = [
    ...(reviewed > facts.today
      ? [
          source.problem(
            ["reviewed"],
            "impossible",
            `${reviewed} has not come yet`,
            "write when it was really reviewed",
          ),
        ]
      : []),
    ...state_refs.flatMap((path, place) =>
      !path.startsWith("/") && !path.split("/").includes("..") && existsSync(join(root, path))
        ? []
        : [source.problem(["state_refs", place], "path", `there is no ${path} in the repository`, "name a file of it")],
    ),
    ...stepFaults(source.body).map(({ line, message, fix }): Problem => ({
      ...{ file, line: above + line, column: 1, path: "", code: "wrong_value", message, fix },
    })),
    ...logFaults(file, whole),
    ...sameSteps(steps).map((name) =>
      source.problem([], "duplicate", `two steps are called ${name}`, "give each its own name", "key"),
    ),
  ];
  const written = {
    title: `Go through the playbook: ${title}`,
    owner,
    escalation,
    watches,
    task,
    every,
    done: reviewed,
  };
  const owed = writtenDuty({ id: `playbook/${id}`, at: [], written }, source, facts);
  const all = [...source.problems, ...problems, ...owed.problems.filter(({ path }) => path !== "done")];
  const sha256 = createHash("sha256").update(whole).digest("hex");
  const playbooks = [{ id, title, owner, file, sha256, reviewed, steps }];
  return { duties: owed.duties, playbooks, problems: all, isPart };
}

/** What is on record is the truth, and what a playbook says of drills only repeats it. */
function logFaults(file: string, text: string): readonly Problem[] {
  const fault = drillLogFault(text);
  if (fault === null) return [];
  const fix = `write it anew: fairway drill log ${file}`;
  return [{ file, line: fault.line, column: 1, path: "", code: "wrong_value", message: fault.message, fix }];
}

function sameSteps(steps: readonly PlaybookStep[]): readonly string[] {
  const names = steps.map(({ name }) => name);
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}
