import { openApiDocument } from "@fairway/api";
import { generatedFiles as configurationFiles } from "../../packages/config/src/reference.ts";
import { program } from "../../apps/cli/src/program.ts";
import { version } from "../../apps/cli/src/version.ts";
import { cliReference } from "./cli-reference.ts";
import { errorsReference } from "./errors-reference.ts";
import { eventsReference } from "./events-reference.ts";
import { glossaryPage } from "./glossary-page.ts";
import { httpReference } from "./http-reference.ts";
import { migrationRulesReference } from "./migration-rules-reference.ts";

/** Everything that is written from the code and committed, by its path in the repository. */
export function generatedFiles(): Readonly<Record<string, string>> {
  return {
    ...configurationFiles(),
    "docs/reference/cli.md": cliReference(program()),
    "docs/reference/http.md": httpReference(),
    "docs/reference/openapi.json": `${JSON.stringify(openApiDocument(version), null, 2)}\n`,
    "docs/reference/errors.md": errorsReference(),
    "docs/reference/events.md": eventsReference(),
    "docs/reference/migration-rules.md": migrationRulesReference(),
    "docs/concepts/glossary.md": glossaryPage(),
  };
}
