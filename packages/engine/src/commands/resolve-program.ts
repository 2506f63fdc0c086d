import { access, constants, stat } from "node:fs/promises";
import { delimiter, isAbsolute, join, resolve } from "node:path";
import { FairwayError } from "@fairway/core";

/**
 * The file a command's first word names, looked for as the system would: by the command's own PATH, or from its working
 * directory when it has a slash. Done before anything is started, so that "not found" is not an exit code of 127.
 */
export async function resolveProgram(program: string, cwd: string, path: string): Promise<string> {
  if (program.includes("/")) {
    const file = isAbsolute(program) ? program : resolve(cwd, program);
    const found = await programAt(file);
    if (found === "yes") return file;
    throw new FairwayError(
      "command_failed",
      found === "no" ? `there is no program ${file}` : `${file} is not an executable file`,
      found === "no" ? {} : { hint: `Make it executable: chmod +x ${file}` },
    );
  }
  let notExecutable: string | undefined;
  for (const directory of path.split(delimiter)) {
    const file = resolve(cwd, join(directory || ".", program));
    const found = await programAt(file);
    if (found === "yes") return file;
    if (found === "not-executable") notExecutable ??= file;
  }
  throw new FairwayError("command_failed", `there is no program "${program}" on the PATH (${path})`, {
    hint:
      notExecutable === undefined
        ? "Install it, or name it by its full path; the PATH is that of the daemon unless the command sets one."
        : `${notExecutable} is there but is not executable.`,
  });
}

async function programAt(file: string): Promise<"yes" | "not-executable" | "no"> {
  try {
    if (!(await stat(file)).isFile()) return "not-executable";
  } catch {
    return "no";
  }
  return access(file, constants.X_OK).then(
    () => "yes",
    () => "not-executable",
  );
}
