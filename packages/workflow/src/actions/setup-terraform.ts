import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BuiltInAction, BuiltInRun } from "./built-in.ts";
import { cachedTool, isWithin } from "./tool-versions.ts";

/** `hashicorp/setup-terraform`: the Terraform of this machine, with the wrapper that makes outputs of what it prints. */
export const setupTerraform: BuiltInAction = {
  name: "hashicorp/setup-terraform",
  inputs: {
    cli_config_credentials_hostname: "app.terraform.io",
    cli_config_credentials_token: "",
    terraform_version: "latest",
    terraform_wrapper: "true",
  },
  async main(run) {
    const wanted = run.input("terraform_version");
    const range = wanted === "latest" ? "*" : wanted.replaceAll(/,\s*/g, " ").replaceAll("~> ", "~");
    const cached = await cachedTool(run.host.folders.toolCache, "terraform", range);
    const program = cached === undefined ? await installed(run, wanted, range) : join(cached.folder, "terraform");
    await credentials(run);
    if (cached !== undefined) run.addPath(cached.folder);
    if (run.flag("terraform_wrapper")) run.addPath(await wrapper(run, program));
  },
};

async function installed(run: BuiltInRun, wanted: string, range: string): Promise<string> {
  const program = await run.which("terraform");
  if (program === undefined) {
    throw new TypeError(
      `There is no terraform on this machine. Install it, or unpack it to ${run.host.folders.toolCache}/terraform/<version>/${process.arch}.`,
    );
  }
  const { output } = await run.exec([program, "version", "-json"], { quiet: true });
  const version = /"terraform_version":\s*"([^"]+)"/.exec(output)?.[1] ?? "";
  if (range !== "*" && !isWithin(version, range)) {
    throw new TypeError(
      `Terraform ${wanted} was asked for, and this machine has ${version || "one that does not tell its version"}.`,
    );
  }
  run.info(`Terraform ${version} of this machine`);
  return program;
}

async function credentials(run: BuiltInRun): Promise<void> {
  const token = run.input("cli_config_credentials_token");
  if (token === "") return;
  run.addMask(token);
  const host = run.input("cli_config_credentials_hostname");
  const file = join(run.host.folders.temp, ".terraformrc");
  await writeFile(file, `credentials ${JSON.stringify(host)} {\n  token = ${JSON.stringify(token)}\n}\n`, {
    mode: 0o600,
  });
  run.exportVariable("TF_CLI_CONFIG_FILE", file);
}

/** A program of the name that runs the real one and keeps what it printed as the step's outputs. */
async function wrapper(run: BuiltInRun, program: string): Promise<string> {
  const folder = join(run.host.folders.temp, "terraform-wrapper");
  await mkdir(folder, { recursive: true });
  const script = `#!${process.execPath}
const { spawn } = require("node:child_process");
const { appendFileSync } = require("node:fs");
const child = spawn(${JSON.stringify(program)}, process.argv.slice(2), { stdio: ["inherit", "pipe", "pipe"] });
const said = { stdout: "", stderr: "" };
for (const name of ["stdout", "stderr"]) {
  child[name].setEncoding("utf8").on("data", (text) => { said[name] += text; process[name].write(text); });
}
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
child.on("close", (code, signal) => {
  const exitcode = code ?? 1;
  const end = "END-" + process.pid + "-" + Math.random().toString(36).slice(2);
  const lines = Object.entries({ ...said, exitcode }).map(([name, value]) => name + "<<" + end + "\\n" + value + "\\n" + end + "\\n");
  if (process.env.GITHUB_OUTPUT) appendFileSync(process.env.GITHUB_OUTPUT, lines.join(""));
  // With -detailed-exitcode, 2 says that there are changes, which is no failure.
  process.exitCode = exitcode === 2 && process.argv.includes("-detailed-exitcode") ? 0 : exitcode;
});
`;
  const file = join(folder, "terraform");
  await writeFile(file, script);
  await chmod(file, 0o755);
  return folder;
}
