/**
 * Finds what must not be committed, with nothing but Node: files that do not parse, imports of files that are not there,
 * names imported and never used, tests left on `only`, a forgotten `debugger`, trailing blanks, a missing last newline.
 *
 *     node tools/lint.mjs [folder]
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { dirname, extname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const runFile = promisify(execFile);
const skipped = new Set(["node_modules", "dist", "__pycache__", ".git", ".demo"]);
const scripts = new Set([".mjs", ".js"]);
const texts = new Set([...scripts, ".ts", ".json", ".css", ".html", ".md", ".sol", ".py"]);

async function* filesBelow(folder) {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (skipped.has(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else if (texts.has(extname(entry.name))) yield path;
  }
}

const lineOf = (text, index) => text.slice(0, index).split("\n").length;

function* textProblems(text) {
  for (const match of text.matchAll(/[ \t]+$/gm)) yield { at: match.index, message: "blanks at the end of the line" };
  if (text.length > 0 && !text.endsWith("\n")) yield { at: text.length, message: "no newline at the end of the file" };
}

function* importProblems(path, text) {
  for (const match of text.matchAll(/^(?:import|export)\s+(?:([^"';]*?)\s+from\s+)?"([^"]+)"/gm)) {
    const [whole, names = "", source] = match;
    if (source.startsWith(".") && !existsSync(resolve(dirname(path), source))) {
      yield { at: match.index, message: `imports ${source}, which is not there` };
    }
    if (whole.startsWith("export")) continue;
    for (const [, name] of names.matchAll(/(?:\bas\s+)?([A-Za-z_$][\w$]*)\s*(?=[,}]|$)/g)) {
      const uses =
        text.match(new RegExp(`(?<![\\w$]|(?<!\\.\\.)\\.)${name.replaceAll("$", "\\$")}(?![\\w$])`, "g")) ?? [];
      if (uses.length < 2) yield { at: match.index, message: `imports ${name} and never uses it` };
    }
  }
}

function* scriptProblems(path, text) {
  yield* importProblems(path, text);
  for (const match of text.matchAll(/^\s*debugger\b/gm)) yield { at: match.index, message: "a debugger statement" };
  for (const match of text.matchAll(/\b(?:test|it|describe)\.only\(/g))
    yield { at: match.index, message: "a test left on only" };
}

async function syntaxProblem(path) {
  try {
    await runFile(process.execPath, ["--check", path]);
    return [];
  } catch (error) {
    if (typeof error.code !== "number") throw error;
    const [place = "", ...rest] = error.stderr.split("\n");
    const reason = rest.find((line) => /^\w*Error:/.test(line)) ?? "does not parse";
    return [{ line: Number(place.split(":").at(-1)) || 1, message: reason }];
  }
}

function jsonProblem(text) {
  try {
    JSON.parse(text);
    return [];
  } catch (error) {
    return [{ at: 0, message: error.message }];
  }
}

async function problemsOf(path) {
  const text = await readFile(path, "utf8");
  const found = [...textProblems(text)];
  if (scripts.has(extname(path))) found.push(...scriptProblems(path, text), ...(await syntaxProblem(path)));
  if (extname(path) === ".json") found.push(...jsonProblem(text));
  return found.map(({ at, line = lineOf(text, at), message }) => ({ path, line, message }));
}

/** Looks at every file below a folder; problems are `{ path, line, message }`. */
export async function lint(folder) {
  const paths = [];
  for await (const path of filesBelow(folder)) paths.push(path);
  paths.sort();
  const problems = [];
  // Two at a time: each script costs a process for its syntax check, and the machine has other work.
  for (let index = 0; index < paths.length; index += 2) {
    problems.push(...(await Promise.all(paths.slice(index, index + 2).map(problemsOf))).flat());
  }
  return { files: paths.length, problems };
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const folder = resolve(process.argv[2] ?? ".");
  const { files, problems } = await lint(folder);
  for (const { path, line, message } of problems) console.error(`${relative(process.cwd(), path)}:${line}  ${message}`);
  console.log(`${files} files, ${problems.length} problems`);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
