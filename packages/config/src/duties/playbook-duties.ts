import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Duty } from "@fairway/core";
import type { Problem } from "../problems.ts";
import { playbookForm } from "./duty-forms.ts";
import type { DutyFacts } from "./duty-of.ts";
import { writtenDuty } from "./duty-of.ts";
import { playbookSteps } from "./playbook-steps.ts";
import { readFrontMatter } from "./read-duty-file.ts";

/** That each playbook is gone through again in its time, and when what it watches has changed. */
export function playbookDuties(
  root: string,
  files: readonly string[],
  facts: DutyFacts,
): { readonly duties: readonly Duty[]; readonly problems: readonly Problem[] } {
  const found = files.map((file) => ofPlaybook(root, file, facts));
  return { duties: found.flatMap(({ duties }) => duties), problems: found.flatMap(({ problems }) => problems) };
}

function ofPlaybook(
  root: string,
  file: string,
  facts: DutyFacts,
): { readonly duties: readonly Duty[]; readonly problems: readonly Problem[] } {
  const source = readFrontMatter(root, file, playbookForm);
  const { content } = source;
  if (content === null) return { duties: [], problems: source.problems };
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
    ...sameSteps(source.body).map((name) =>
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
  return { duties: all.length > 0 ? [] : owed.duties, problems: all };
}

function sameSteps(body: string): readonly string[] {
  const names = playbookSteps(body).map(({ name }) => name);
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}
