// Bundles GitHub's workflow parser, which plain Node 20 cannot load (it imports JSON without an attribute), into one
// file that can be loaded when a workflow is first read. Written anew only when the parser, the bundler or the entry is
// another one. `yaml` stays outside: bundled, it asks for "process" in a way that fails.

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const entry = "packages/workflow/src/reading/github-entry.ts";
const output = "packages/workflow/generated/github.cjs";
const bundled = ["@actions/workflow-parser", "@actions/expressions", "esbuild"];

/**
 * What the bundle is made of, as the first line that it carries.
 *
 * @param {string} root
 */
function keyOf(root) {
  const hash = createHash("sha256").update(readFileSync(join(root, entry)));
  hash.update(readFileSync(fileURLToPath(import.meta.url)));
  for (const name of bundled) {
    const { version } = JSON.parse(readFileSync(join(root, "node_modules", name, "package.json"), "utf8"));
    hash.update(`${name}@${version}\n`);
  }
  return `// ${hash.digest("hex")}`;
}

/**
 * Only the first '' of a text becomes ' in 0.3.61, so that `echo '${{ a }}'` gets a quote too many. The runner itself, which
 * is written in another language, turns back all of them.
 *
 * @param {string} code
 */
function mended(code) {
  const mistake = `value = value.replace("''", "'");`;
  if (code.split(mistake).length !== 2) throw new Error("GitHub's lexer is no longer what was mended here: look again");
  return code.replace(mistake, `value = value.replaceAll("''", "'");`);
}

/**
 * Makes the bundle, unless it is there and nothing that it is made of has changed. May be called by several at once:
 * the file appears whole.
 *
 * @param {string} root
 */
export async function bundleGithub(root) {
  const key = keyOf(root);
  const file = join(root, output);
  if (firstLineOf(file) === key) return;
  const { build } = await import("esbuild");
  const { outputFiles } = await build({
    entryPoints: [join(root, entry)],
    bundle: true,
    write: false,
    platform: "node",
    format: "cjs",
    target: "node20",
    external: ["yaml"],
    legalComments: "inline",
    logLevel: "silent",
    banner: {
      js: `${key}\n// The parser and expressions of https://github.com/actions/languageservices, MIT licence.`,
    },
  });
  mkdirSync(dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}`;
  try {
    writeFileSync(draft, mended(outputFiles[0].text));
    renameSync(draft, file);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** @param {string} file */
function firstLineOf(file) {
  try {
    return readFileSync(file, "utf8").split("\n", 1)[0];
  } catch (thrown) {
    if (thrown.code === "ENOENT") return undefined;
    throw thrown;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await bundleGithub(dirname(dirname(fileURLToPath(import.meta.url))));
}
