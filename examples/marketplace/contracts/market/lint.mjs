/** Looks for what has cost others their contracts, with solhint; what it finds is in `dist/lint.sarif`. */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { here } from "./compile.mjs";

// By itself it asks the network whether there is a newer one.
const args = ["--disc", "--noPoster", "--config", ".solhint.json", "--formatter", "sarif", "src/**/*.sol"];
const { status, stdout, stderr, error } = spawnSync("solhint", args, { cwd: here, encoding: "utf8" });
if (error) throw error;
mkdirSync(join(here, "dist"), { recursive: true });
writeFileSync(join(here, "dist/lint.sarif"), stdout);
process.stderr.write(stderr);
process.exitCode = status ?? 1;
