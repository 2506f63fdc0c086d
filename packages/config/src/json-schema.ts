import { z } from "zod";
import { projectSchema } from "./schema.ts";

/** The parts of JSON Schema that the configuration's schema is made of. */
export interface SchemaNode {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, SchemaNode>>;
  readonly title?: string;
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly default?: unknown;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly SchemaNode[];
  readonly items?: SchemaNode;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: SchemaNode | false;
}

/** The JSON Schema of a configuration, for editors; it takes whatever Fairway's own check of form takes. */
export function configurationJsonSchema(): SchemaNode {
  const schema = z.toJSONSchema(projectSchema, { io: "input", target: "draft-2020-12" });
  return { ...schema, title: "Fairway configuration" } as SchemaNode;
}

/** The schema that a reference leads to, with what was said beside the reference laid over it. */
export function resolved(root: SchemaNode, node: SchemaNode): SchemaNode {
  if (node.$ref === undefined) return node;
  const { $ref, ...beside } = node;
  return { ...resolved(root, root.$defs?.[$ref.replace("#/$defs/", "")] ?? {}), ...beside };
}

/** The name of the definition that a node refers to. */
export const definitionName = (node: SchemaNode): string | undefined => node.$ref?.replace("#/$defs/", "");
