import { existsSync, readdirSync, realpathSync } from "node:fs";
import { basename, join } from "node:path";
import type { z } from "zod";
import type { Duty, DutyGate, DutyPlan, DutyRole, Playbook } from "@fairway/core";
import { builtInDuties, builtInDuty, dayAfter, endOf, fitsSelector, isBuiltIn, periodOf } from "@fairway/core";
import { didYouMean, sortProblems, type Problem } from "../problems.ts";
import { backupDuties } from "./backup-duties.ts";
import { backupsOf } from "./planned-backups.ts";
import { contentDuties } from "../content/content-duties.ts";
import { credentialDuties, credentialsOf } from "./credential-duties.ts";
import { dutyForms } from "./duty-forms.ts";
import type { DutyFacts } from "./duty-of.ts";
import { rolesKnown, writtenDuty } from "./duty-of.ts";
import { allowedFindings } from "./scan-form.ts";
import { playbookDuties } from "./playbook-duties.ts";
import type { DutySource } from "./read-duty-file.ts";
import { readDutyFile } from "./read-duty-file.ts";
import { watchedFiles } from "./watched-files.ts";
import type { WrittenGates, WrittenPeople } from "./written-duties.ts";

/** The duties of a checkout, or everything that is wrong with them. */
export type LoadedDuties =
  | { readonly ok: true; readonly plan: DutyPlan }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const folder = "ops";
/** A duty that is passed over for longer is none. */
const longestWaiver = 7 * 86_400_000;

/**
 * Reads `ops/` of a checkout. Every problem is told in one answer, and with one of them nothing holds; a checkout without that
 * folder owes nothing. `today` is a day in UTC: what is said to have been done after it was not.
 */
export function loadDuties(
  directory: string,
  { commit, today }: { readonly commit: string; readonly today: string },
): LoadedDuties {
  const root = realpathSync(directory);
  if (!existsSync(join(root, folder))) return { ok: true, plan: { ...nothingOwed, commit } };
  const files = watchedFiles(root);
  const source = <Content>(name: string, form: z.ZodType<Content>): DutySource<Content> | null => {
    const isThere = existsSync(join(root, folder, name));
    return isThere ? readDutyFile(root, `${folder}/${name}`, form) : null;
  };
  const people = source("people.yaml", dutyForms["people.yaml"]);
  const duties = source("duties.yaml", dutyForms["duties.yaml"]);
  const credentials = source("credentials.yaml", dutyForms["credentials.yaml"]);
  const backups = source("backups.yaml", dutyForms["backups.yaml"]);
  const gates = source("gates.yaml", dutyForms["gates.yaml"]);
  const scan = source("scan.yaml", dutyForms["scan.yaml"]);
  const roles = rolesOf(people);
  const facts: DutyFacts = {
    roles: people === null ? [] : people.namesBelow("roles"),
    files,
    today,
  };
  const read = [people, duties, credentials, backups, gates, scan];
  const problems: Problem[] = [...unknownFiles(root, files), ...read.flatMap((one) => one?.problems ?? [])];
  const owed: Duty[] = [];
  const take = ({ duties: found, problems: wrong }: Owed): void => {
    owed.push(...found);
    problems.push(...wrong);
  };
  if (duties !== null && duties.content !== null)
    for (const [id, written] of Object.entries(duties.content.duties))
      take(writtenDuty({ id, at: ["duties", id], written }, duties, facts));
  if (credentials !== null && credentials.content !== null)
    take(credentialDuties(credentials, credentials.content, facts));
  if (backups !== null && backups.content !== null) take(backupDuties(backups, backups.content, facts));
  const { severities, education, intake, isPart, ...content } = contentDuties(root, facts);
  take(content);
  const { playbooks, ...reviews } = playbookDuties(root, files.matching(`${folder}/playbooks/*.md`), facts);
  take(reviews);
  problems.push(...unknownPlaybooks(owed, playbooks, reviews.isPart));
  problems.push(...twice(owed));
  owed.push(...builtInsOf(gates, owed));
  const half = isPart || reviews.isPart || [duties, credentials, backups].some((one) => one?.isPart === true);
  const gated = gatesOf(gates, owed, facts, half);
  problems.push(...gated.problems);
  const { allowed, problems: wrongToAllow } = allowedFindings(scan, facts);
  problems.push(...wrongToAllow);
  const inventory = credentials === null || credentials.content === null ? [] : credentialsOf(credentials.content);
  if (problems.length > 0) return { ok: false, problems: sortProblems(withoutEchoes(problems)) };
  return {
    ok: true,
    plan: {
      commit,
      roles,
      duties: owed,
      gates: gated.gates,
      waivers: waiversOf(gates),
      playbooks,
      credentials: inventory,
      ...(severities === undefined ? {} : { severities }),
      ...(education === undefined ? {} : { education }),
      ...(intake === undefined ? {} : { intake }),
      ...(allowed.length === 0 ? {} : { allowed }),
      backups: backups === null || backups.content === null ? [] : backupsOf(backups.content),
    },
  };
}

/** Of what only follows from a part that has not its form, the cause alone is told. */
function withoutEchoes(problems: readonly Problem[]): readonly Problem[] {
  // What lacks a key at the top of its file has something put there instead; of any other it is taken off whole.
  const causes = problems.filter(
    ({ code, path }) => formCodes.has(code) || (code === "missing" && /^\w+$/u.test(path)),
  );
  const isBelow = (path: string, above: string): boolean =>
    path.startsWith(`${above}.`) || path.startsWith(`${above}[`);
  return problems.filter(({ file, path, code }) => {
    const isLack = code === "missing" || code === "wrong_value";
    const others = causes.filter((cause) => cause.file === file && cause.path !== "");
    if (isLack) return !others.some((cause) => isBelow(cause.path, path) || (path === "" && code === "missing"));
    return (
      causes.some((cause) => cause.path === path && cause.code === code) ||
      !others.some((cause) => path === cause.path || isBelow(path, cause.path))
    );
  });
}

const formCodes: ReadonlySet<string> = new Set(["unknown_key", "wrong_value", "not_data", "forbidden_key"]);

interface Owed {
  readonly duties: readonly Duty[];
  readonly problems: readonly Problem[];
}

/** What a project owes that says nothing of it. */
const nothingOwed: Omit<DutyPlan, "commit"> = {
  roles: [],
  duties: [],
  gates: [],
  waivers: { longest: longestWaiver, approvers: [] },
};

const rolesOf = (people: DutySource<WrittenPeople> | null): readonly DutyRole[] =>
  Object.entries(people?.content?.roles ?? {}).map(([name, { people: of }]) => ({
    name,
    people: of.map(({ name: person, until = null }) => ({ name: person, until })),
  }));

type GateSource = DutySource<WrittenGates> | null;

function gatesOf(
  source: GateSource,
  owed: readonly Duty[],
  facts: DutyFacts,
  isIncomplete: boolean,
): { readonly gates: readonly DutyGate[]; readonly problems: readonly Problem[] } {
  if (source === null || source.content === null) return { gates: [], problems: [] };
  const problems: Problem[] = [];
  for (const [index, gate] of source.content.gates.entries()) {
    const at = ["gates", index] as const;
    problems.push(...rolesKnown([gate.owner], (): readonly (string | number)[] => [...at, "owner"], source, facts));
    for (const [place, selector] of gate.require.entries()) {
      const fits = owed.some(
        ({ id, environment }) =>
          fitsSelector(selector, id) && (environment === null || environment === gate.environment),
      );
      // With half of the duties unread nobody knows what there is.
      if (!fits && !isIncomplete)
        problems.push(
          source.problem(
            [...at, "require", place],
            "unknown_name",
            `no duty fits ${selector}`,
            didYouMean(selector, [...owed.map(({ id }) => id), ...Object.keys(builtInDuties)]) ??
              "name a duty of ops/, or take it away",
          ),
        );
    }
  }
  const { waivers } = source.content;
  if (waiversOf(source).longest > longestWaiver)
    problems.push(
      source.problem(
        ["waivers", "longest"],
        "impossible",
        "a waiver lasts at most seven days",
        "write P7D, or less; whoever needs it longer gives another",
      ),
    );
  problems.push(...rolesKnown(waivers?.approvers ?? [], (place) => ["waivers", "approvers", place], source, facts));
  return {
    gates: source.content.gates.map(({ environment, require, mode = "block", owner }, index) => ({
      environment,
      require,
      mode,
      owner,
      place: { file: source.file, line: source.lineOf(["gates", index, "owner"]) },
    })),
    problems,
  };
}

function waiversOf(source: GateSource): DutyPlan["waivers"] {
  const { longest = "P7D", approvers = [] } = source?.content?.waivers ?? {};
  const period = periodOf(longest);
  // From a day of a month with 31 to the next: no longer than was said.
  const span = period === null ? longestWaiver : endOf(dayAfter("2026-01-01", period)) - endOf("2026-01-01");
  if (source === null || approvers.length === 0) return { longest: span, approvers };
  return { longest: span, approvers, place: { file: source.file, line: source.lineOf(["waivers", "approvers"]) } };
}

/** What gates ask for by names that every project has, where no file has them. */
function builtInsOf(source: GateSource, owed: readonly Duty[]): readonly Duty[] {
  const asked = new Map<string, Duty>();
  for (const [index, { require, owner }] of (source?.content?.gates ?? []).entries())
    for (const [place, id] of require.entries()) {
      if (!isBuiltIn(id) || asked.has(id) || owed.some((duty) => duty.id === id)) continue;
      const line = source?.lineOf(["gates", index, "require", place]) ?? 1;
      asked.set(id, builtInDuty(id, owner, { file: source?.file ?? "", line }));
    }
  return [...asked.values()];
}

/** What duties run that is not there. */
function unknownPlaybooks(
  owed: readonly Duty[],
  playbooks: readonly Playbook[],
  isIncomplete: boolean,
): readonly Problem[] {
  const names = playbooks.map(({ id }) => id);
  return owed.flatMap(({ run, place: { file, line } }): readonly Problem[] => {
    if (run?.kind !== "playbook" || isIncomplete) return [];
    const known = playbooks.find(({ id }) => id === run.playbook);
    if (known !== undefined)
      return known.steps.length > 0
        ? []
        : [
            {
              ...{ file, line, column: 1, path: "", code: "impossible" },
              message: `nothing of the playbook ${run.playbook} runs`,
              fix: `mark a fence with step=NAME in ${known.file}`,
            },
          ];
    const message = `there is no playbook ${run.playbook}`;
    const fix = didYouMean(run.playbook, names) ?? `write one into ${folder}/playbooks`;
    return [{ file, line, column: 1, path: "", code: "unknown_name", message, fix } as const];
  });
}

/** What two files claim. */
function twice(owed: readonly Duty[]): readonly Problem[] {
  const first = new Map<string, Duty>();
  return owed.flatMap((duty) => {
    const known = first.get(duty.id);
    first.set(duty.id, known ?? duty);
    if (known === undefined) return [];
    const { file, line } = duty.place;
    const message = `the duty ${duty.id} is in ${known.place.file}:${known.place.line} already`;
    return [{ file, line, column: 1, path: "", code: "duplicate", message, fix: "keep one of the two" } as const];
  });
}

/** A file of another name or in another place would be read by nobody, and nobody would know. */
function unknownFiles(root: string, files: DutyFacts["files"]): readonly Problem[] {
  const known = Object.keys(dutyForms);
  const unread = (file: string, fix: string): Problem => ({
    ...{ file, line: 1, column: 1, path: "", code: "unknown_name", message: `nothing reads ${basename(file)}`, fix },
  });
  return [
    ...readdirSync(join(root, folder)).flatMap((name) =>
      /\.ya?ml$/.test(name) && !known.includes(name)
        ? [unread(`${folder}/${name}`, didYouMean(name, known) ?? `known here: ${known.join(", ")}`)]
        : [],
    ),
    // Below it others may keep what they like, but for what can only be meant for Fairway.
    ...files
      .matching(`${folder}/*/*`)
      .filter((file) => known.includes(basename(file).replace(/\.yml$/, ".yaml")))
      .map((file) => unread(file, `put what it says into ${folder}/${basename(file).replace(/\.yml$/, ".yaml")}`)),
    ...files
      .matching(`${folder}/playbooks/*`)
      .filter((file) => /\.(?:markdown|mdx|mdown|mkd|MD)$/.test(file))
      .map((file) => unread(file, "end its name with .md")),
  ];
}
