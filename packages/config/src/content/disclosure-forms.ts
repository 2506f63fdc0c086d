import { z } from "zod";
import { day, grace, list, period, role, sentence, shared } from "../duties/duty-parts.ts";
import { form, text } from "../schema-parts.ts";

/** Disclosures.yaml: what pages must say, what none may say, and who reads them. */
export interface WrittenDisclosures {
  readonly owner: string;
  readonly escalation?: readonly string[] | undefined;
  readonly environment?: string | undefined;
  readonly every?: string | undefined;
  readonly from?: string | undefined;
  readonly grace?: string | number | undefined;
  readonly task?: string | undefined;
  readonly automation?: string | undefined;
  readonly remind?: readonly number[] | undefined;
  readonly phrases: Readonly<Record<string, string>>;
  readonly rules: readonly WrittenDisclosureRule[];
}

export interface WrittenDisclosureRule {
  readonly paths: readonly string[];
  readonly mentions?: readonly string[] | undefined;
  readonly require?: readonly string[] | undefined;
  readonly forbid?: readonly string[] | undefined;
  readonly with?: readonly string[] | undefined;
}

const phrase = text("must be words that people see")
  .regex(/[\p{L}\p{N}\p{S}]/u, { error: "must say something" })
  .max(4000, { error: "must be shorter" });
const paths = list(sentence, "paths").min(1, { error: "must name at least one" });

/** The form of disclosures.yaml. Each message is the end of a sentence that begins with the key. */
export const disclosuresForm: z.ZodType<WrittenDisclosures> = z.strictObject({
  owner: role.meta({ description: "The role whose yes the texts need." }),
  environment: form(/^[a-z][a-z0-9-]{0,59}$/u, "must be the name of an environment").optional(),
  every: period
    .optional()
    .meta({ description: "How often they are read anew although nothing changed.", default: "P3M" }),
  from: day
    .optional()
    .meta({ description: "The first day that this is due on; when left out it counts from the last yes." }),
  grace: grace.optional(),
  phrases: z
    .record(form(/^[a-z0-9][a-z0-9-]{0,59}$/u, "must be small letters, digits and dashes"), phrase, {
      error: "must be texts by their names",
    })
    .meta({
      description: "Texts that pages must show, by names.",
      examples: [{ "not-advice": "This is not investment advice." }],
    }),
  rules: list(
    z.strictObject({
      paths: paths.meta({
        description:
          "Files that people see: Markdown, HTML, JSX and TSX, and catalogues in JSON or YAML. `*` stands for anything.",
        examples: [["apps/web/app/*.tsx"]],
      }),
      mentions: list(phrase, "phrases")
        .optional()
        .meta({ description: "Only where one of these is seen; everywhere when left out." }),
      require: list(sentence, "names of phrases")
        .optional()
        .meta({ description: "Names of `phrases` that must be seen." }),
      forbid: list(phrase, "phrases").optional().meta({ description: "What must not be there, not even in a title." }),
      with: paths
        .optional()
        .meta({ description: "Files that are seen on the same page: what is required may stand there." }),
    }),
    "rules",
  ).min(1, { error: "must have at least one" }),
  ...shared,
});
