import type { MappingEntry, Template } from "../model/template.ts";
import { catalogue, type CatalogueEntry } from "./catalogue.ts";
import { type Abilities, eventJudgement, type Judgement, judges } from "./judges.ts";
import type { Construct } from "./report.ts";

/** A step of a path: a key, or the index of a list. */
type Segment = string | number;

/** Every construct of a file, in the order of the file. What the catalogue does not know is rejected, never left out. */
export function constructsOf(root: Template, abilities: Abilities): readonly Construct[] {
  const constructs: Construct[] = [];
  visit(root, [], [], (path, { key, value }, within) => {
    constructs.push({ path: written(path), place: key.place, ...judgementOf(path, value, abilities, within) });
  });
  return [...constructs, ...shortEvents(root), ...tokensOf(root, [])].sort(
    (one, other) => one.place.line - other.place.line || one.place.column - other.place.column,
  );
}

function visit(
  template: Template,
  path: readonly Segment[],
  within: readonly Template[],
  tell: (path: readonly Segment[], entry: MappingEntry, within: readonly Template[]) => void,
): void {
  if (template.kind === "sequence") {
    for (const [index, item] of template.items.entries()) visit(item, [...path, index], within, tell);
  }
  if (template.kind !== "mapping") return;
  for (const entry of template.entries) {
    const here = [...path, entry.key.kind === "literal" ? entry.key.text : `\${{ ${entry.key.source} }}`];
    const around = [...within, template];
    tell(here, entry, around);
    visit(entry.value, here, around, tell);
  }
}

/** `on: push` and `on: [push, pull_request]` have no keys; their events are constructs all the same. */
function shortEvents(root: Template): readonly Construct[] {
  const on =
    root.kind === "mapping" ? root.entries.find(({ key }) => key.kind === "literal" && key.text === "on") : undefined;
  const values = on?.value.kind === "sequence" ? on.value.items : on?.value.kind === "literal" ? [on.value] : [];
  return values.flatMap((value) =>
    value.kind === "literal" ? [{ path: `on.${value.text}`, place: value.place, ...eventJudgement(value.text) }] : [],
  );
}

const ownToken = /\b(?:secrets\.GITHUB_TOKEN|github\.token)\b/iu;

/** Where GitHub's own token is asked for, which nobody else can give. */
function tokensOf(template: Template, path: readonly Segment[]): readonly Construct[] {
  switch (template.kind) {
    case "mapping":
      return template.entries.flatMap(({ key, value }) =>
        tokensOf(value, [...path, key.kind === "literal" ? key.text : key.source]),
      );
    case "sequence":
      return template.items.flatMap((item, index) => tokensOf(item, [...path, index]));
    case "literal":
      return [];
    case "expression": {
      const [token] = ownToken.exec(template.source) ?? [];
      if (token === undefined) return [];
      const reason = `${token} is empty here, unless the secrets of workflows have a GITHUB_TOKEN`;
      return [{ path: `${written(path)}: ${token}`, place: template.place, mark: "no-effect", reason }];
    }
  }
}

function judgementOf(
  path: readonly Segment[],
  value: Template,
  abilities: Abilities,
  within: readonly Template[],
): Judgement {
  const [root, event] = path;
  if (root === "on" && path.length === 2 && typeof event === "string") return eventJudgement(event);
  const judge = Object.entries(judges).find(([pattern]) => fits(pattern, path))?.[1];
  if (judge !== undefined) return judge(value, abilities, within, String(path.at(-1)));
  const entry = entryOf(path);
  if (entry === undefined) return { mark: "rejected", reason: "Fairway does not know this" };
  return { mark: entry.mark, reason: entry.reason };
}

/** The catalogue's entry for a path, if any. */
export function entryOf(path: readonly Segment[]): CatalogueEntry | undefined {
  return catalogue.find(({ pattern }) => fits(pattern, path));
}

/** Whether a judge looks at this path. */
export function isJudged(path: readonly Segment[]): boolean {
  return (path[0] === "on" && path.length === 2) || Object.keys(judges).some((pattern) => fits(pattern, path));
}

function fits(pattern: string, path: readonly Segment[]): boolean {
  const wanted = pattern.replaceAll("[]", ".[]").split(".");
  for (const [index, part] of wanted.entries()) {
    if (part === "**") return path.length > index;
    const segment = path[index];
    if (segment === undefined) return false;
    if (
      part === "[]" ? typeof segment !== "number" : typeof segment === "number" || (part !== "*" && part !== segment)
    ) {
      return false;
    }
  }
  return path.length === wanted.length;
}

function written(path: readonly Segment[]): string {
  return path
    .map((part, index) => (typeof part === "number" ? `[${part}]` : `${index === 0 ? "" : "."}${part}`))
    .join("");
}
