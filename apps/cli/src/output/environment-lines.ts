import type { EnvironmentShape } from "@fairway/api";
import { bold, harmless, wrap } from "./terminal.ts";

type Told = Pick<EnvironmentShape, "name" | "purpose" | "urls" | "starts" | "protection" | "scale">;

/** What the configuration says of an environment, below its name; nothing of what it does not say. */
export function environmentLines(environment: Told, width: number): readonly string[] {
  const { name, purpose, urls, starts, protection, scale } = environment;
  const facts: readonly (readonly [string, string])[] = [
    ["purpose", purpose ?? ""],
    ...urls.map(({ name: of, url }): readonly [string, string] => [of === "url" ? "url" : `${of} url`, url]),
    ["started by", starts.join("; ")],
    ["held to", protection.join("; ")],
    ["scale", scaleOf(scale)],
  ];
  const said = facts.filter(([, value]) => value !== "");
  return ["", bold(harmless(name)), ...said.flatMap(([key, value]) => wrap(`  ${key}: ${oneLine(value)}`, width))];
}

/** The table as it stands in documents: a column for each kind of address, as far as environments have them. */
export function environmentsAsMarkdown(environments: readonly Told[]): readonly string[] {
  const kinds = [...new Set(environments.flatMap(({ urls }) => urls.map(({ name }) => name)))];
  const headings = ["Environment", ...kinds.map(headingOf), "Purpose", "Started by", "Held to", "Scale"];
  const rows = environments.map(({ name, purpose, urls, starts, protection, scale }) => [
    name,
    ...kinds.map((kind) => urls.find((one) => one.name === kind)?.url ?? ""),
    purpose ?? "",
    starts.join("; "),
    protection.join("; "),
    scaleOf(scale),
  ]);
  return [headings, headings.map(() => "---"), ...rows].map((cells) => `| ${cells.map(cellOf).join(" | ")} |`);
}

const oneLine = (text: string): string => harmless(text).replaceAll(/\s+/g, " ");

const scaleOf = (scale: Told["scale"]): string =>
  scale.map(({ service, replicas }) => `${service} × ${replicas}`).join(", ");

/** `frontend` → `Frontend URL`. */
const headingOf = (kind: string): string =>
  kind === "url" ? "URL" : `${kind.charAt(0).toUpperCase()}${kind.slice(1)} URL`;

/** What would end the cell, or be read as markup or HTML, is text. */
const cellOf = (text: string): string => oneLine(text).replaceAll(/[\\|<>`*_[\]]/g, (sign) => `\\${sign}`);
