// Writes what is generated from the code: the reference pages, the JSON Schema and the types of the configuration, the
// OpenAPI document, the glossary. Run it when tools/reference/reference.test.ts says that one of them differs.

import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createJiti } from "jiti";

const root = join(import.meta.dirname, "..");
// From the sources, because the types that are generated here are needed to build.
const jiti = createJiti(import.meta.url, {
  fsCache: false,
  alias: {
    "@fairway/core": join(root, "packages/core/src/index.ts"),
    "@fairway/api": join(root, "packages/api/src/index.ts"),
  },
});
const { generatedFiles } = await jiti.import(join(root, "tools/reference/generated-files.ts"));

const files = generatedFiles();
for (const [path, text] of Object.entries(files)) {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  console.log(`wrote ${path}`);
}
// So that the formatter has nothing to say about them.
const formatted = Object.keys(files).filter((path) => !path.endsWith(".md"));
execFileSync(join(root, "node_modules/.bin/oxfmt"), formatted, { cwd: root, stdio: "inherit" });
