import { Document, type Node, visit } from "yaml";
import type { DetectedProject, FoundPlatform } from "./detected.ts";
import { isRecord, type Path, textOfPath } from "./path.ts";
import type { ProjectConfig } from "./project-config.ts";

/** The languages that a configuration is written in. */
export type ConfigFormat = "typescript" | "yaml";

type Comments = ReadonlyMap<string, readonly string[]>;

/** Writes a configuration for what was found, with a comment wherever something was guessed. */
export function renderConfig(
  found: DetectedProject,
  format: ConfigFormat,
  { platforms = false }: { readonly platforms?: boolean } = {},
): string {
  const detected = platforms ? onPlatforms(found) : found;
  const config = configOf(detected, platforms);
  const comments = commentsOf(detected, config);
  return format === "yaml" ? asYaml(config, comments) : asTypeScript(config, comments);
}

function configOf({ name, services, platforms }: DetectedProject, withPlatforms: boolean): ProjectConfig {
  const taken = withPlatforms ? platforms : [];
  const deployable = taken.length > 0 || services.some(({ config }) => config.run !== undefined);
  // What only a platform runs would leave a staging on this machine without anything in it.
  const isStaged =
    taken.length === 0 ||
    services.some(({ config }) => (config.run ?? config.static ?? config.container) !== undefined);
  const registry = taken.find((one) => one.registry !== undefined)?.registry;
  const on = <Place extends { readonly services: object }>(
    places: readonly (Place | undefined)[],
  ): Place | undefined => {
    const there = places.filter((place) => place !== undefined);
    const [first] = there;
    return first && { ...first, services: Object.assign({}, ...there.map((place) => place.services)) };
  };
  const vercel = on(taken.map(({ environment }) => environment.vercel));
  const ecs = on(taken.map(({ environment }) => environment.ecs));
  const places = { ...(vercel === undefined ? {} : { vercel }), ...(ecs === undefined ? {} : { ecs }) };
  return {
    name,
    ...(registry === undefined ? {} : { registry }),
    services: Object.fromEntries(services.map((service) => [service.name, service.config])),
    ...(deployable
      ? { environments: { ...(isStaged ? { staging: {} } : {}), production: { approvals: 1, ...places } } }
      : {}),
  };
}

/** The services as they are on the platforms that were found. */
function onPlatforms(detected: DetectedProject): DetectedProject {
  return {
    ...detected,
    services: detected.services.map((service) => {
      const found = detected.platforms.find((one) => one.service === service.name);
      if (found === undefined) return service;
      const { config, unsure } = found;
      return { ...service, config, unsure };
    }),
  };
}

const titles = { vercel: "Vercel", ecs: "Amazon ECS" } as const;

/** What a platform that was found means for whoever reads the configuration, and how it would be taken. */
export const sentenceOfPlatform = ({ platform, foundBy, isSure }: FoundPlatform): string =>
  `${titles[platform]} ${isSure ? `has it today, as ${foundBy} shows` : `may have it, for it is made with ${foundBy}`}; \`fairway init --platforms\` writes that as a target of production`;

const heading = [
  "What Fairway checks, builds and runs, and where. Every key: docs/reference/configuration.md of Fairway.",
  "`fairway config check` finds mistakes; `fairway config explain KEY` says where a value came from.",
];

function commentsOf({ services, platforms }: DetectedProject, { environments }: ProjectConfig): Comments {
  const isTaken = environments?.["production"]?.vercel !== undefined || environments?.["production"]?.ecs !== undefined;
  const elsewhere = (name: string): readonly string[] =>
    isTaken ? [] : platforms.filter(({ service }) => service === name).map(sentenceOfPlatform);
  return new Map<string, readonly string[]>([
    ...services.map(
      ({ name, recognisedBy, unsure }) =>
        [
          textOfPath(["services", name]),
          [
            `Found by its ${recognisedBy}.`,
            ...[...elsewhere(name), ...unsure].map((sentence) => `Please check: ${sentence}.`),
          ],
        ] as const,
    ),
    ...(environments === undefined
      ? []
      : ([
          ["environments", ["With `previews: {}` beside this each pull request gets one of its own."]],
          ["environments.staging", ["Takes every new release."]],
          [
            "environments.production",
            [
              environments["staging"] === undefined
                ? "Takes a release when one person has said yes."
                : "Takes what staging has verified, when one person has said yes.",
            ],
          ],
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
