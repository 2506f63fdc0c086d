import { FairwayError } from "@fairway/core";
import { z } from "zod";

// As much as is read of what `terraform show -json` and `tofu show -json` write, format 1.x
// (https://developer.hashicorp.com/terraform/internals/json-format). A minor version only adds.

/** What becomes of one value, with what of it must not be shown. */
export interface ChangeJson {
  readonly actions: readonly string[];
  readonly before?: unknown;
  readonly after?: unknown;
  readonly after_unknown?: unknown;
  readonly before_sensitive?: unknown;
  readonly after_sensitive?: unknown;
  readonly replace_paths?: readonly (readonly (string | number)[])[] | undefined;
  readonly importing?: unknown;
}

/** What becomes of one resource. */
export interface ResourceChangeJson {
  readonly address: string;
  readonly previous_address?: string | undefined;
  readonly type: string;
  readonly change: ChangeJson;
  readonly action_reason?: string | undefined;
}

/** A whole plan. */
export interface PlanJson {
  readonly format_version: string;
  readonly terraform_version?: string | undefined;
  readonly resource_changes?: readonly ResourceChangeJson[] | undefined;
  readonly resource_drift?: readonly ResourceChangeJson[] | undefined;
  readonly output_changes?: Readonly<Record<string, ChangeJson>> | undefined;
  readonly variables?: Readonly<Record<string, { readonly value?: unknown }>> | undefined;
  readonly configuration?:
    | {
        readonly root_module?:
          | { readonly variables?: Readonly<Record<string, { readonly sensitive?: boolean | undefined }>> | undefined }
          | undefined;
      }
    | undefined;
  readonly complete?: boolean | undefined;
  readonly errored?: boolean | undefined;
}

const change: z.ZodType<ChangeJson> = z.looseObject({
  actions: z.array(z.string()).min(1),
  replace_paths: z.array(z.array(z.union([z.string(), z.number()]))).optional(),
});

const resourceChange: z.ZodType<ResourceChangeJson> = z.looseObject({
  address: z.string(),
  previous_address: z.string().optional(),
  type: z.string(),
  change,
  action_reason: z.string().optional(),
});

const planJson: z.ZodType<PlanJson> = z.looseObject({
  format_version: z.string().regex(/^1\./u, "is not of format 1"),
  terraform_version: z.string().optional(),
  resource_changes: z.array(resourceChange).optional(),
  resource_drift: z.array(resourceChange).optional(),
  output_changes: z.record(z.string(), change).optional(),
  variables: z.record(z.string(), z.looseObject({})).optional(),
  configuration: z
    .looseObject({
      root_module: z
        .looseObject({
          variables: z.record(z.string(), z.looseObject({ sensitive: z.boolean().optional() })).optional(),
        })
        .optional(),
    })
    .optional(),
  complete: z.boolean().optional(),
  errored: z.boolean().optional(),
});

/** Reads what the program wrote. Throws `command_failed` for what is no plan, or one of a format that is not known. */
export function parsePlanJson(text: string): PlanJson {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (thrown) {
    throw new FairwayError("command_failed", "what the program says of the plan is no JSON", { cause: thrown });
  }
  const read = planJson.safeParse(value);
  if (read.success) return read.data;
  const problems = read.error.issues.slice(0, 10).map(({ path, message }) => `${path.join(".")}: ${message}`);
  throw new FairwayError("command_failed", "what the program says of the plan cannot be understood", {
    hint: "Fairway reads format 1 of Terraform and OpenTofu",
    problems,
  });
}
