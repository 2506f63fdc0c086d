import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { withOutput } from "./log-parts.mjs";

export const name = "log: most memory of a process that copies 110 MB while one viewer follows";
export const goal = { atMost: 150 };

export const run = () =>
  withOutput(async ({ folder, output, secrets }) => {
    const script = fileURLToPath(new URL("log-viewer-process.mjs", import.meta.url));
    const said = execFileSync(process.execPath, [script, folder, output, ...secrets], { encoding: "utf8" });
    return { ours: JSON.parse(said).megabytes, unit: "MB" };
  });
