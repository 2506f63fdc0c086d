import { expect, test } from "vitest";
import { github } from "../reading/github.ts";
import { entryOf, isJudged } from "./constructs.ts";

// GitHub's schema is walked, so that a key which GitHub adds makes this fail and is not overlooked.

interface Definition {
  readonly definitionType: number;
  readonly oneOf?: readonly string[];
  readonly properties?: Readonly<Record<string, { readonly type: string }>>;
  readonly looseKeyType?: string;
  readonly looseValueType?: string;
  readonly itemType?: string;
}

type Segment = string | number;

/** Every path that a workflow file may have; a name that authors choose is "x". */
function pathsOfSchema(): readonly (readonly Segment[])[] {
  const { definitions } = github().getWorkflowSchema() as unknown as {
    readonly definitions: Readonly<Record<string, Definition>>;
  };
  const paths: (readonly Segment[])[] = [];
  const walk = (type: string, path: readonly Segment[], above: readonly string[]): void => {
    const definition = definitions[type];
    if (definition === undefined || above.includes(type)) return;
    const inside = [...above, type];
    for (const one of definition.oneOf ?? []) walk(one, path, inside);
    if (definition.itemType !== undefined) walk(definition.itemType, [...path, 0], inside);
    const properties = Object.entries(definition.properties ?? {}).map(
      ([key, property]) => [key, property.type] as const,
    );
    const { looseKeyType = "", looseValueType = "any" } = definition;
    const loose = looseKeyType === "" ? [] : [["x", looseValueType] as const];
    for (const [key, next] of [...properties, ...loose]) {
      paths.push([...path, key]);
      walk(next, [...path, key], inside);
    }
  };
  walk("workflow-root-strict", [], []);
  return paths;
}

test("the catalogue has something to say of every key that GitHub's schema allows", () => {
  const paths = pathsOfSchema();
  expect(paths.length).toBeGreaterThan(300);
  const unknown = paths.filter((path) => entryOf(path) === undefined && !isJudged(path));
  expect(unknown.map((path) => path.join("."))).toEqual([]);
});
