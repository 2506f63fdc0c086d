import type { FlagSource, FlagSourceAccess, Project, ProjectFlags, SecretSource } from "@fairway/core";
import { FairwayError } from "@fairway/core";

/** Opens a source of flags elsewhere, of the kind that a project names. */
export type OpenFlagSource = (source: ProjectFlags["source"], access: FlagSourceAccess) => FlagSource;

/** Where the flags are that a project's releases record: where the project says, else in the built-in store. */
export function projectFlagSource(
  { flags }: Pick<Project, "flags">,
  builtIn: FlagSource,
  secrets: SecretSource,
  open: OpenFlagSource | undefined,
): FlagSource {
  if (flags === undefined) return builtIn;
  if (open === undefined) throw new FairwayError("internal", `nothing here reads the flags of ${flags.source}`);
  const { secret } = flags.key;
  return open(flags.source, {
    url: flags.url,
    keyOf: async (environment) => (await secrets.lookUp(environment, [secret]))[secret] ?? null,
  });
}
