import { Document, type Node, visit } from "yaml";
import type { DetectedProject } from "./detected.ts";
import { isRecord, type Path, textOfPath } from "./path.ts";
import type { ProjectConfig } from "./project-config.ts";

/** The languages that a configuration is written in. */
export type ConfigFormat = "typescript" | "yaml";

type Comments = ReadonlyMap<string, readonly string[]>;

/** Writes a configuration for what was found, with a comment wherever something was guessed. */
export function renderConfig(detected: DetectedProject, format: ConfigFormat): string {
  const config = configOf(detected);
  const comments = commentsOf(detected, config);
  return format === "yaml" ? asYaml(config, comments) : asTypeScript(config, comments);
}

function configOf({ name, services }: DetectedProject): ProjectConfig {
  const deployable = services.some(({ config }) => config.run !== undefined);
  return {
    name,
    services: Object.fromEntries(services.map((service) => [service.name, service.config])),
    ...(deployable ? { environments: { staging: {}, production: { approvals: 1 } } } : {}),
  };
}

const heading = [
  "What Fairway checks, builds and runs, and where. Every key: docs/reference/configuration.md of Fairway.",
  "`fairway config check` finds mistakes; `fairway config explain KEY` says where a value came from.",
];

function commentsOf({ services }: DetectedProject, { environments }: ProjectConfig): Comments {
  return new Map<string, readonly string[]>([
    ...services.map(
      ({ name, recognisedBy, unsure }) =>
        [
          textOfPath(["services", name]),
          [`Found by its ${recognisedBy}.`, ...unsure.map((sentence) => `Please check: ${sentence}.`)],
        ] as const,
    ),
    ...(environments === undefined
      ? []
      : ([
          ["environments", ["With `previews: {}` beside this each pull request gets one of its own."]],
          ["environments.staging", ["Takes every new release."]],
          ["environments.production", ["Takes what staging has verified, when one person has said yes."]],
        ] as const)),
  ]);
}

function asYaml(config: ProjectConfig, comments: Comments): string {
  const document = new Document(config);
  document.commentBefore = heading.map((line) => ` ${line}`).join("\n");
  visit(document, {
    Pair(_, pair, ancestors) {
      const path = [...ancestors.flatMap((one) => ("key" in one ? [keyText(one.key)] : [])), keyText(pair.key)];
      const lines = comments.get(textOfPath(path));
      if (lines !== undefined) (pair.key as Node).commentBefore = lines.map((line) => ` ${line}`).join("\n");
    },
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

const keyText = (key: unknown): string => (isRecord(key) && typeof key["value"] === "string" ? key["value"] : "");

function asTypeScript(config: ProjectConfig, comments: Comments): string {
  return [
    ...heading.map((line) => `// ${line}`),
    'import { defineProject } from "@fairway/config";',
    "",
    `export default defineProject(${literal(config, [], comments)});`,
    "",
  ].join("\n");
}

function literal(value: unknown, path: Path, comments: Comments): string {
  const indent = "  ".repeat(path.length + 1);
  if (Array.isArray(value)) return `[${value.map((item) => literal(item, path, comments)).join(", ")}]`;
  if (!isRecord(value)) return JSON.stringify(value);
  const entries = Object.entries(value);
  if (entries.length === 0) return "{}";
  const inline = entries.every(([, held]) => !isRecord(held) && !Array.isArray(held)) && entries.length < 3;
  const lines = entries.map(([key, held]) => {
    const here = [...path, key];
    const above = (comments.get(textOfPath(here)) ?? []).map((line) => `${indent}// ${line}\n`).join("");
    return {
      above,
      text: `${/^[A-Za-z_]\w*$/u.test(key) ? key : JSON.stringify(key)}: ${literal(held, here, comments)}`,
    };
  });
  const whole = `{ ${lines.map(({ text }) => text).join(", ")} }`;
  if (inline && whole.length < 80) return whole;
  return `{\n${lines.map(({ above, text }) => `${above}${indent}${text},\n`).join("")}${indent.slice(2)}}`;
}
