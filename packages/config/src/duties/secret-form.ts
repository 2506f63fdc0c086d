import type { z } from "zod";
import { secretForm } from "../forms.ts";
import { form } from "../schema-parts.ts";

/** How the keys of vendors begin, and no variable: such a name is a value that somebody pasted. */
const keys = /^(?:(?:sk|rk|pk)_(?:live|test)_|whsec_|sbp_|sb_secret_|gh[pousr]_|github_pat_|npm_|AKIA[0-9A-Z]{16}$)/u;

/** The name of a secret in the store, and never its value: what is no name is not shown where it is refused. */
export const secret: z.ZodString = form(secretForm, "must be the name of a secret: letters, digits and _").refine(
  (written) => !keys.test(written),
  { error: "must be the name of a secret, and this looks like its value: take it out, and exchange it" },
);
