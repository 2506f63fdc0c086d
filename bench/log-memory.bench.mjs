import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { withOutput } from "./log-parts.mjs";

export const name = "log: most memory of a process that copies 110 MB while one viewer follows";
export const goal = { atMost: 150 };

export const run = () =>
  withOutput(async ({ folder, output, secrets }) => {
    const process_ = join(import.meta.dirname, "log-viewer-process.mjs");
    const said = execFileSync(process.execPath, [process_, folder, output, ...secrets], { encoding: "utf8" });
    return { ours: JSON.parse(said).megabytes, unit: "MB" };
  });
