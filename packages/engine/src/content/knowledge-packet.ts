import type { DutyPlan, Environment, Project } from "@fairway/core";
import { canonicalJson } from "../digest.ts";
import { digestOfText } from "../store/documents.ts";

/** A part of the packet, with where it was taken from. */
export interface PacketSection {
  readonly title: string;
  /** Files of the commit, each with its digest. */
  readonly sources: readonly { readonly path: string; readonly sha256: string }[];
  readonly lines: readonly string[];
}

/** What those who begin have to know, as the configuration of a commit has it. */
export interface KnowledgePacket {
  readonly commit: string;
  /** Of all of its text: the same configuration gives the same. */
  readonly digest: string;
  readonly sections: readonly PacketSection[];
  readonly markdown: string;
}

/** What it is made of. `files`: digests of the commit's files, by their paths. */
export interface PacketParts {
  readonly commit: string;
  readonly project: Project;
  readonly plan: DutyPlan;
  readonly files: ReadonlyMap<string, string>;
}

/** The packet of a commit. It names neither a time nor whoever asked, so that the same commit gives the same bytes. */
export function knowledgePacket({ commit, project, plan, files }: PacketParts): KnowledgePacket {
  const from = (...paths: readonly string[]): PacketSection["sources"] =>
    paths.flatMap((path) => {
      const sha256 = files.get(path);
      return sha256 === undefined ? [] : [{ path, sha256 }];
    });
  const configuration = from(...[...files.keys()].filter((path) => !path.startsWith("ops/")));
  const playbooks = plan.playbooks ?? [];
  const sections: readonly PacketSection[] = [
    { title: "How a release travels", sources: configuration, lines: project.environments.flatMap(stationOf) },
    { title: "What brings it back", sources: configuration, lines: project.environments.flatMap(triggersOf) },
    { title: "Where it is", sources: configuration, lines: project.environments.flatMap(addressesOf) },
    {
      title: "What must be well before",
      sources: from("ops/gates.yaml", "ops/notice.yaml", "ops/disclosures.yaml"),
      lines: plan.gates.map(
        ({ environment, require, mode, owner }) =>
          `${environment} asks for ${require.join(", ")}${mode === "warn" ? " (warns only)" : ""}; ${owner} owns it`,
      ),
    },
    { title: "Who does what", sources: from("ops/people.yaml"), lines: plan.roles.map(roleLine) },
    {
      title: "Who is told next",
      sources: from("ops/duties.yaml", "ops/credentials.yaml", "ops/backups.yaml", "ops/education.yaml"),
      lines: plan.duties
        .filter(({ escalation }) => escalation.length > 0)
        .map(({ id, owner, escalation }) => `${id}: ${[owner, ...escalation].join(" → ")}`)
        .toSorted(),
    },
    {
      title: "How severe an incident is",
      sources: from("ops/severity.yaml"),
      lines: Object.entries(plan.severities?.table ?? {}).map(
        ([impact, { all, some, one }]) => `${impact}: SEV${all} for all, SEV${some} for some, SEV${one} for one`,
      ),
    },
    {
      title: "What to do when",
      sources: playbooks.map(({ file, sha256 }) => ({ path: file, sha256 })),
      lines: playbooks.map(
        ({ id, title, owner, reviewed, steps }) =>
          `${id}: ${title} (${owner}, gone through on ${reviewed}, ${steps.length} steps run by themselves)`,
      ),
    },
    {
      title: "What users learn from",
      sources: from("ops/education.yaml"),
      lines: (plan.education ?? []).map(
        ({ title, owner, at, kpi }) => `${title}: ${at} (${owner}, ${kpi === null ? "unmeasured" : kpi.name})`,
      ),
    },
  ];
  const markdown = inMarkdown(project.name, commit, sections);
  return { commit, sections, markdown, digest: digestOfText(markdown) };
}

function inMarkdown(name: string, commit: string, sections: readonly PacketSection[]): string {
  const parts = sections.map(({ title, sources, lines }) => {
    const body = lines.length === 0 ? ["Nothing is said of this."] : lines.map((line) => `- ${plain(line)}`);
    const of = sources.map(({ path, sha256 }) => `\`${path}\` ${sha256.slice(0, 12)}`).join(", ");
    return [`## ${title}`, "", ...body, "", `Source: ${of === "" ? "none" : of}`].join("\n");
  });
  return `# ${plain(name)}: what to know\n\nCommit \`${commit}\`.\n\n${parts.join("\n\n")}\n`;
}

/** In one line, with nothing in it that would be a tag or a table. */
const plain = (text: string): string => text.replaceAll(/\s+/gu, " ").replaceAll(/[<>|`]/gu, (sign) => `\\${sign}`);

function stationOf({
  name,
  promotesFrom,
  deploys,
  approvals,
  notice,
  freezes,
  placements,
}: Environment): readonly string[] {
  const how = deploys === "automatically" ? "takes each release by itself" : "takes one when somebody asks";
  return [
    [
      `${name} ${how}`,
      ...(promotesFrom === null ? [] : [`only what ${promotesFrom} has verified`]),
      ...(approvals === 0 ? [] : [`${approvals} must say yes`]),
      ...(notice === undefined ? [] : [`${notice / 3_600_000} h after it was announced`]),
      ...(freezes === undefined || freezes.length === 0 ? [] : [`${freezes.length} times when it is frozen`]),
    ].join("; "),
    ...placements.map(({ service, strategy }) => `${name}: ${service} by ${strategyName(strategy)}`),
  ];
}

const strategyName = (strategy: object): string => {
  const { kind, name } = strategy as { readonly kind?: string; readonly name?: string };
  return kind ?? name ?? "its strategy";
};

const triggersOf = ({ name, verify, bake, deadline, placements }: Environment): readonly string[] => [
  ...verify.map((check) => `${name}: the check ${check.name} says no after the rollouts`),
  ...(bake === undefined ? [] : [`${name}: what it is watched for during ${bake / 60_000} min goes wrong`]),
  ...placements.flatMap(({ service, strategy }) => {
    const { analysis } = strategy as { readonly analysis?: unknown };
    return analysis === undefined ? [] : [`${name}: ${service} is worse than ${canonicalJson(analysis)}`];
  }),
  `${name}: ${deadline / 60_000} min go by, and it asks for a person`,
];

const addressesOf = ({ name, url, urls }: Environment): readonly string[] => [
  ...Object.entries(urls ?? {}).map(([what, at]) => `${name}, ${what}: ${at}`),
  ...(urls === undefined && url !== null ? [`${name}: ${url}`] : []),
];

const roleLine = ({ name, people }: DutyPlan["roles"][number]): string =>
  `${name}: ${people.map((one) => (one.until === null ? one.name : `${one.name} until ${one.until}`)).join(", ")}`;
