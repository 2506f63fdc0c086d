// Runs a configuration program. This is a process of its own: started by evaluate.ts with no environment, without the
// right to write or to start anything, and killed when it takes too long. Whatever the program does, it does here.

import { readFileSync, writeSync } from "node:fs";
import { SourceMap, type SourceMapPayload } from "node:module";
import { Socket } from "node:net";
import { dirname, join, sep } from "node:path";
import { createJiti, type Jiti } from "jiti";
import type { Evaluation, EvaluationFault } from "./evaluation.ts";
import { placeFinder } from "./places.ts";
import { plainData } from "./plain-data.ts";

const resultDescriptor = 3;

function answer(evaluation: Evaluation): never {
  let rest = Buffer.from(JSON.stringify(evaluation));
  while (rest.length > 0) rest = rest.subarray(writeSync(resultDescriptor, rest));
  // Timers and sockets that the program left behind must not keep the process.
  process.exit(0);
}

/** The first place in the stack that is in the user's repository, as it was before the types were taken off. */
function faultOf(thrown: unknown, file: string, jiti: Jiti): EvaluationFault {
  const nowhere = { file: null, line: 1, column: 1 };
  if (!(thrown instanceof Error)) return { ...nowhere, file, message: `threw ${describeThrown(thrown)}` };
  const told = explain(deniedIn(thrown) ?? thrown);
  const missing = /^Cannot find (?:module|package) '([^']+)'/u.exec(thrown.message)?.[1];
  const text = readFileSync(file, "utf8");
  // The frame of a failed import is the loader's; what the program wrote can be found by its name.
  const specifier = missing === undefined ? null : /["']/u.exec(text.charAt(text.indexOf(missing) - 1));
  if (missing !== undefined && specifier !== null)
    return { file, ...placeFinder(text)(text.indexOf(missing) - 1), ...told };
  const here = dirname(file) + sep;
  for (const frame of `${thrown.stack ?? ""}`.split("\n")) {
    const [, path, line, column] = /(?:file:\/\/)?(\/[^:()]+|[A-Za-z]:[^:()]+):(\d+):(\d+)\)?$/u.exec(frame) ?? [];
    if (path === undefined || !path.startsWith(here) || path.includes(`${sep}node_modules${sep}`)) continue;
    return { file: path, ...original(path, Number(line), Number(column), jiti), ...told };
  }
  // A syntax error in a file that the program imports: its place is in the message.
  const [, path, line, column] = /(\/[^:()\s]+):? .*\((\d+):(\d+)\)/u.exec(thrown.message) ?? [];
  if (path?.startsWith(here)) return { file: path, line: Number(line), column: Number(column) + 1, ...told };
  return { ...nowhere, file, ...told };
}

/** The refusal of a right, which `fetch` and others wrap into an error of their own. */
function deniedIn(thrown: Error): Error | null {
  for (let error: unknown = thrown; error instanceof Error; error = error.cause)
    if ("code" in error && error.code === "ERR_ACCESS_DENIED") return error;
  return null;
}

function explain(thrown: Error): { readonly message: string; readonly fix?: string } {
  const { code, permission, resource } = thrown as { code?: string; permission?: string; resource?: string };
  if (code === "ERR_ACCESS_DENIED")
    return {
      message: `${deniedRights[permission ?? ""] ?? "did something that a configuration may not do"}${resource ? `: ${resource}` : ""}`,
      fix: "a configuration may read the files of its repository and nothing else; leave the rest to a check or a build command",
    };
  const first = thrown.message.split("\n")[0] ?? "";
  return { message: `${thrown.name}: ${first}` };
}

const deniedRights: Readonly<Record<string, string>> = {
  FileSystemRead: "tried to read outside of the repository",
  FileSystemWrite: "tried to write a file",
  ChildProcess: "tried to start a program",
  WorkerThreads: "tried to start a thread",
  Kill: "tried to send a signal",
  Net: "tried to use the network",
};

function refuse(permission: string): never {
  throw Object.assign(new Error("denied"), { code: "ERR_ACCESS_DENIED", permission });
}

function describeThrown(thrown: unknown): string {
  return typeof thrown === "string" ? thrown : `a value that is no Error (${typeof thrown})`;
}

/** What jiti 2.7 puts in front of a program's first line. */
const wrapper = "(async function (exports, require, module, __filename, __dirname, jitiImport, jitiESMResolve) { ";

function original(path: string, line: number, column: number, jiti: Jiti): { line: number; column: number } {
  const source = readFileSync(path, "utf8");
  const code = jiti.transform({ source, filename: path, ts: !path.endsWith("js"), async: true });
  const [, encoded] = /sourceMappingURL=data:application\/json;[^,]*base64,([A-Za-z0-9+/=]+)/u.exec(code) ?? [];
  if (encoded === undefined) return { line, column };
  const map = new SourceMap(JSON.parse(Buffer.from(encoded, "base64").toString("utf8")) as SourceMapPayload);
  const entry = map.findEntry(line - 1, column - 1 - (line === 1 ? wrapper.length : 0));
  return "originalLine" in entry
    ? { line: entry.originalLine + 1, column: entry.originalColumn + 1 }
    : { line, column };
}

const [, , file = ""] = process.argv;

// Node 20 to 24 have no permission for the network, and none has one for signals. What a configuration says must not
// depend on the first, and the second would reach the process that started this one.
Socket.prototype.connect = () => refuse("Net");
process.kill = () => refuse("Kill");
// The parent holds the other end of the input: when it ends, nobody waits for an answer any more.
process.stdin.on("end", () => process.exit(1)).resume();

const jiti = createJiti(file, {
  fsCache: false,
  moduleCache: false,
  interopDefault: false,
  sourceMaps: true,
  alias: { "@fairway/config": join(import.meta.dirname, "define-project.js") },
});
const fail = (thrown: unknown): never => answer({ outcome: "fault", fault: faultOf(thrown, file, jiti) });
process.on("uncaughtException", fail);
process.on("unhandledRejection", fail);

try {
  const module = await jiti.import<{ default?: unknown }>(file);
  if (!("default" in module))
    answer({
      outcome: "fault",
      fault: { file, line: 1, column: 1, message: "exports nothing", fix: "export default defineProject({ … })" },
    });
  answer({ outcome: "value", ...plainData(module.default) });
} catch (thrown) {
  fail(thrown);
}
