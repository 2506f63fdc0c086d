import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { test } from "node:test";

import { lint } from "../lint.mjs";

test("every kind of problem is found at its line", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "lint-"));
  t.after(() => rm(folder, { recursive: true }));
  const files = {
    "broken.mjs": "const a = 1;\nconst b = ;\n",
    "imports.mjs":
      'import { join, sep as separator } from "node:path";\nimport "./missing.mjs";\nexport const path = join("a");\n',
    "left.mjs": ["test", 'only("x", () => {\n  debugger;\n});\n'].join("."),
    "list.json": "{",
    "page.css": "a { }  \n",
    "good.mjs": 'import fs, { readFileSync as read } from "node:fs";\nexport const x = [fs, read];\n',
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const { problems } = await lint(folder);
  assert.deepEqual(
    problems
      .map(({ path, line, message }) => `${basename(path)}:${line} ${message.split(" in JSON")[0]}`)
      .filter((text) => !text.startsWith("list")),
    [
      "broken.mjs:2 SyntaxError: Unexpected token ';'",
      "imports.mjs:1 imports separator and never uses it",
      "imports.mjs:2 imports ./missing.mjs, which is not there",
      "left.mjs:2 a debugger statement",
      "left.mjs:1 a test left on only",
      "page.css:1 blanks at the end of the line",
    ],
  );
  // The file of one brace: what is wrong with the JSON, and the newline that is missing.
  assert.equal(problems.filter(({ path }) => path.endsWith("list.json")).length, 2);
});
