/**
 * The house rules of our contracts, checked without a compiler:
 *
 *     node check.mjs src
 */
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { functionsOf, importsOf, unitsOf, unmatchedBracket, withoutCommentsAndStrings } from "./solidity.mjs";

function* shapeProblems(path, source, code) {
  if (!source.startsWith("// SPDX-License-Identifier: "))
    yield { at: 0, message: "the first line must name the licence" };
  const pragma = /^pragma solidity ([^;]+);/m.exec(source);
  if (!pragma) yield { at: 0, message: "no pragma solidity" };
  else if (!/^\d+\.\d+\.\d+$/.test(pragma[1]))
    yield { at: pragma.index, message: `pragma ${pragma[1]} is a range: name one version` };
  const unmatched = unmatchedBracket(code);
  if (unmatched !== null) yield { at: unmatched, message: "a bracket without its other half" };
  const units = unitsOf(code);
  if (units.length !== 1 || `${units[0].name}.sol` !== basename(path)) {
    yield { at: units[0]?.index ?? 0, message: "a file holds one contract, and is called like it" };
  }
}

function* importProblems(path, source, code) {
  for (const { names, path: imported, index } of importsOf(source)) {
    if (!existsSync(resolve(dirname(path), imported)))
      yield { at: index, message: `imports ${imported}, which is not there` };
    if (!names) yield { at: index, message: `imports all of ${imported}: name what is needed` };
    for (const name of names ?? []) {
      if ((code.match(new RegExp(`\\b${name}\\b`, "g")) ?? []).length < 2)
        yield { at: index, message: `imports ${name} and never uses it` };
    }
  }
}

function* functionProblems(source, code) {
  for (const { name, index, visibility, parameters, documentation } of functionsOf(source, code)) {
    if (!visibility) yield { at: index, message: `${name} does not say who may call it` };
    if (visibility !== "external" && visibility !== "public") continue;
    if (documentation.includes("@inheritdoc")) continue;
    if (!documentation.includes("@notice")) yield { at: index, message: `${name} has no @notice` };
    for (const parameter of parameters) {
      if (!new RegExp(`@param ${parameter}\\b`).test(documentation))
        yield { at: index, message: `${name} does not explain ${parameter}` };
    }
  }
}

const refused = [
  [/\btx\.origin\b/g, "tx.origin: a contract in between can use it against the user"],
  [/\bselfdestruct\b/g, "selfdestruct"],
  [/\bdelegatecall\b/g, "delegatecall"],
  [
    /\.(?:transfer|send)\(\s*(?:amount|\d)/g,
    "transfer and send have a fixed gas stipend: use call and look at its answer",
  ],
  [/\brequire\s*\(/g, "require with a text: use a custom error"],
  [/\brevert\s*\(/g, "revert with a text: use a custom error"],
  [/\bassembly\b/g, "assembly"],
];

function* patternProblems(code) {
  for (const [pattern, message] of refused) {
    for (const match of code.matchAll(pattern)) yield { at: match.index, message };
  }
  for (const { 0: text, 1: name, index } of code.matchAll(/\b(?:event|error)\s+(\w+)/g)) {
    if (!/^[A-Z]/.test(name)) yield { at: index, message: `${text} must begin with a capital` };
    if (!new RegExp(`\\b(?:emit|revert)\\s+${name}\\b`).test(code))
      yield { at: index, message: `${name} is declared and never used` };
  }
}

/** The problems of one file, as `{ path, line, message }`. */
export function check(path, source) {
  const code = withoutCommentsAndStrings(source);
  const found = [
    ...shapeProblems(path, source, code),
    ...importProblems(path, source, code),
    ...functionProblems(source, code),
    ...patternProblems(code),
  ];
  return found.map(({ at, message }) => ({ path, line: source.slice(0, at).split("\n").length, message }));
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const folder = resolve(process.argv[2] ?? "src");
  const names = (await readdir(folder)).filter((name) => name.endsWith(".sol"));
  const problems = [];
  for (const name of names) problems.push(...check(join(folder, name), await readFile(join(folder, name), "utf8")));
  for (const { path, line, message } of problems) console.error(`${relative(process.cwd(), path)}:${line}  ${message}`);
  console.log(`${names.length} contracts, ${problems.length} problems`);
  process.exitCode = problems.length > 0 || names.length === 0 ? 1 : 0;
}
