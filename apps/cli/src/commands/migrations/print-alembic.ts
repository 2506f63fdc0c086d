import { execFile } from "node:child_process";
import { stat } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { FairwayError } from "@fairway/core";

/** It imports a team's models, and reaches no database. */
const longest = 120_000;

/** Has Alembic itself print the SQL of all revisions of a folder; only Alembic can say what they do. */
export async function printAlembic(folder: string): Promise<string> {
  const project = await projectOf(folder);
  const words = ["upgrade", "base:head", "--sql"];
  const programs = [
    [join(project, ".venv/bin/alembic"), ...words],
    ["alembic", ...words],
    ["python3", "-m", "alembic", ...words],
  ];
  for (const argv of programs) {
    const answer = await said(argv, project);
    if (answer.outcome === "printed") return answer.sql;
    if (answer.outcome === "failed")
      throw new FairwayError("command_failed", `Alembic could not print the SQL of ${folder}: ${answer.why}`, {
        hint: `try it yourself: cd ${relative(process.cwd(), project) || "."} && alembic upgrade base:head --sql`,
      });
  }
  throw new FairwayError("command_failed", `only Alembic can say what ${folder} does, and it is not installed`, {
    hint: "install it, or give what it printed elsewhere: alembic upgrade base:head --sql | … --sql -",
  });
}

/** Where `alembic.ini` lies: Alembic wants to be called there. */
async function projectOf(folder: string): Promise<string> {
  for (let at = folder; ; at = dirname(at)) {
    if (await isFile(join(at, "alembic.ini"))) return at;
    if (at === dirname(at))
      throw new FairwayError("not_found", `there is no alembic.ini above ${folder}`, {
        hint: "give what Alembic prints: alembic upgrade base:head --sql | … --sql -",
      });
  }
}

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );

type Said =
  | { readonly outcome: "printed"; readonly sql: string }
  | { readonly outcome: "failed"; readonly why: string }
  | { readonly outcome: "absent" };

const said = ([program = "", ...args]: readonly string[], cwd: string): Promise<Said> =>
  new Promise((resolve) => {
    execFile(program, args, { cwd, timeout: longest, maxBuffer: 64 * 1024 * 1024 }, (error, sql, err) => {
      if (error === null) resolve({ outcome: "printed", sql });
      else if (error.code === "ENOENT" || /No module named alembic$/mu.test(err)) resolve({ outcome: "absent" });
      else resolve({ outcome: "failed", why: err.trim().split("\n").at(-1) || error.message });
    });
  });
