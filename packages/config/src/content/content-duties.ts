import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Duty, DutyPlan, EducationAsset, KpiRun } from "@fairway/core";
import { disclosureDuty } from "@fairway/core";
import type { DutyFacts } from "../duties/duty-of.ts";
import { writtenDuty } from "../duties/duty-of.ts";
import { strangePlaceholders } from "../duties/duty-run-of.ts";
import type { DutySource } from "../duties/read-duty-file.ts";
import { readDutyFile } from "../duties/read-duty-file.ts";
import type { Path } from "../path.ts";
import type { Problem } from "../problems.ts";
import type { WrittenAsset } from "./content-forms.ts";
import { educationForm, severitiesForm } from "./content-forms.ts";
import { disclosuresForm } from "./disclosure-forms.ts";
import { disclosureProblems } from "./lint-disclosures.ts";
import { noticeDuties } from "./release-pack.ts";

/** What is owed of texts, and what is said of them, in disclosures.yaml, education.yaml and severity.yaml. */
export interface ContentDuties extends Pick<DutyPlan, "severities" | "education" | "intake"> {
  readonly duties: readonly Duty[];
  readonly problems: readonly Problem[];
  /** Whether something of them could not be read. */
  readonly isPart: boolean;
}

/** Reads the three files of a checkout that are about texts and incidents, as far as they are there. */
export function contentDuties(root: string, facts: DutyFacts): ContentDuties {
  const isThere = (name: string): boolean => existsSync(join(root, "ops", name));
  const parts = [
    ...(isThere("disclosures.yaml") ? [ofDisclosures(root, facts)] : []),
    ...(isThere("notice.yaml") ? [noticeDuties(root, facts)] : []),
    ...(isThere("education.yaml") ? [ofEducation(root, facts)] : []),
    ...(isThere("severity.yaml") ? [ofSeverities(root)] : []),
  ];
  return {
    ...Object.assign({}, ...parts),
    duties: parts.flatMap(({ duties }) => duties),
    problems: parts.flatMap(({ problems }) => problems),
    isPart: parts.some(({ isPart }) => isPart),
  } as ContentDuties;
}

/** That somebody has read what users see: of what exactly is known only where a commit's texts are looked at. */
function ofDisclosures(root: string, facts: DutyFacts): ContentDuties {
  const source = readDutyFile(root, "ops/disclosures.yaml", disclosuresForm, {
    ...{ owner: "x", phrases: {}, rules: [{ paths: ["ops/*"], forbid: ["x"] }] },
  });
  const { content } = source;
  const { isPart } = source;
  if (content === null) return { duties: [], problems: source.problems, isPart };
  const { phrases: _phrases, rules: _rules, every = "P3M", from, ...rest } = content;
  const written = {
    ...{ title: "Read the disclosures that users see", every, ...rest },
    ...(from === undefined ? { rolling: true, from: facts.today } : { from }),
  };
  const owed = writtenDuty({ id: disclosureDuty, at: [], written }, source, facts);
  return {
    duties: owed.duties,
    problems: [...source.problems, ...disclosureProblems(source, content, facts.files), ...owed.problems],
    isPart,
  };
}

function ofEducation(root: string, facts: DutyFacts): ContentDuties {
  const source = readDutyFile(root, "ops/education.yaml", educationForm);
  const { isPart } = source;
  if (source.content === null) return { duties: [], problems: source.problems, isPart };
  const education: EducationAsset[] = [];
  const duties: Duty[] = [];
  const problems: Problem[] = [...source.problems];
  for (const [id, asset] of Object.entries(source.content.assets)) {
    const at = ["assets", id] as const;
    const { kpi, at: where, ...rest } = asset;
    if (!/^https?:\/\//u.test(where) && facts.files.matching(where).length === 0)
      problems.push(
        source.problem(
          [...at, "at"],
          "path",
          `there is no ${where} in the repository`,
          "name a file of it, or an address",
        ),
      );
    if (kpi?.url === undefined && (kpi?.headers ?? kpi?.secret ?? kpi?.value) !== undefined)
      problems.push(source.problem([...at, "kpi"], "missing", "nobody knows whom to ask", "give it `url`", "key"));
    if (kpi !== undefined) problems.push(...wrongFigure(kpi, [...at, "kpi"], source));
    const owed = writtenDuty({ id: `education:${id}`, at, written: rest }, source, facts);
    problems.push(...owed.problems);
    duties.push(...owed.duties.map((duty) => ({ ...duty, ...measured(kpi) })));
    education.push({
      ...{ id, title: asset.title, owner: asset.owner, at: where },
      kpi: kpi === undefined ? null : { name: kpi.name, atLeast: kpi.atLeast ?? null, atMost: kpi.atMost ?? null },
    });
  }
  return { duties, problems, education, isPart };
}

/** A figure that is always well, or never can be. */
function wrongFigure(
  { atLeast, atMost, headers = {}, secret }: NonNullable<WrittenAsset["kpi"]>,
  at: Path,
  source: DutySource<unknown>,
): readonly Problem[] {
  const wrong = (code: Problem["code"], message: string, fix: string): Problem =>
    source.problem(at, code, message, fix, "key");
  return [
    ...(atLeast === undefined && atMost === undefined
      ? [wrong("missing", "any figure would be well", "give it `atLeast` or `atMost`")]
      : []),
    ...(atLeast !== undefined && atMost !== undefined && atLeast > atMost
      ? [wrong("impossible", `no figure is at least ${atLeast} and at most ${atMost}`, "turn the two round")]
      : []),
    ...(secret === undefined && Object.values(headers).some((value) => value.includes("{{secret}}"))
      ? [wrong("missing", "nobody knows which secret is meant", "give it `secret`, the name of one")]
      : []),
    ...Object.values(headers)
      .flatMap(strangePlaceholders)
      .map((one) => wrong("wrong_value", `nothing stands for ${one}`, "write {{secret}}")),
  ];
}

function measured(kpi: WrittenAsset["kpi"]): Pick<Duty, "run"> {
  if (kpi?.url === undefined) return {};
  const { name, url, headers = {}, secret = null, value = "/value", atLeast = null, atMost = null } = kpi;
  const run: KpiRun = { kind: "kpi", name, url, headers, secret, value, atLeast, atMost, timeout: 30_000 };
  return { run: { ...run, scheduled: true } };
}

function ofSeverities(root: string): ContentDuties {
  const { content, problems } = readDutyFile(root, "ops/severity.yaml", severitiesForm);
  // It owes nothing that others speak of.
  const isPart = false;
  if (content === null) return { duties: [], problems, isPart };
  const { table, words = [], intercom } = content;
  const intake =
    intercom === undefined ? {} : { intake: { secret: intercom.secret, environment: intercom.environment ?? null } };
  return { duties: [], problems, isPart, severities: { table, words }, ...intake };
}
