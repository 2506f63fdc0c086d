import { mkdir, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { textOfJson } from "../expressions/evaluate.ts";
import { shellArguments } from "../running/shells.ts";
import type { BuiltInAction, BuiltInRun } from "./built-in.ts";

/**
 * `amondnet/vercel-action`: deploys with Vercel's own command line. The token is put into a file that only the job's user
 * reads, and into the environment: the original shows it to everybody on the machine, as an argument.
 */
export const vercelAction: BuiltInAction = {
  name: "amondnet/vercel-action",
  inputs: {
    "vercel-token": "",
    "vercel-org-id": "",
    "vercel-project-id": "",
    "vercel-args": "",
    "vercel-project-name": "",
    "vercel-version": "",
    "working-directory": "",
    scope: "",
    "alias-domains": "",
    "github-token": "",
    "github-comment": "true",
    "github-deployment": "false",
    "zeit-token": "",
    "now-token": "",
    "now-args": "",
    "now-org-id": "",
    "now-project-id": "",
  },
  async main(run) {
    const token = run.input("vercel-token") || run.input("zeit-token") || run.input("now-token");
    const org = run.input("vercel-org-id") || run.input("now-org-id");
    const project = run.input("vercel-project-id") || run.input("now-project-id");
    const missing = Object.entries({ "vercel-token": token, "vercel-org-id": org, "vercel-project-id": project })
      .filter(([, value]) => value === "")
      .map(([name]) => name);
    if (missing.length > 0) {
      throw new TypeError(
        `Nothing was deployed: ${missing.join(", ")} ${missing.length === 1 ? "has" : "have"} no value. A secret that Fairway does not have is an empty text: put it into secrets/workflows.env of its data directory. The token is made at https://vercel.com/account/tokens; the two ids stand in .vercel/project.json after \`vercel link\`. ${asTarget(project)}`,
      );
    }
    run.addMask(token);
    const config = join(run.host.folders.temp, "vercel");
    await mkdir(config, { recursive: true, mode: 0o700 });
    try {
      await writeFile(join(config, "auth.json"), JSON.stringify({ token }), { mode: 0o600 });
      await deploy(run, config, { VERCEL_TOKEN: token, VERCEL_ORG_ID: org, VERCEL_PROJECT_ID: project });
    } finally {
      await rm(config, { recursive: true, force: true });
    }
  },
};

/** The lines with which Fairway deploys what this step would, and knows what becomes of it. */
const asTarget = (project: string): string =>
  `Or take this step out and let Fairway deploy it, watch it and lead it back, with this line in environments.production of fairway.yaml: \`vercel: { token: { secret: VERCEL_TOKEN }, services: { <service>: { project: ${project === "" ? "<its name on Vercel>" : project} } } }\`; \`fairway init --platforms\` writes it for a repository without a configuration.`;

async function deploy(run: BuiltInRun, config: string, env: Readonly<Record<string, string>>): Promise<void> {
  const written = run.input("vercel-args") || run.input("now-args");
  const args = shellArguments(written, "");
  if (args.some((arg) => /^(?:-t|--token)(?:=|$)/.test(arg))) {
    throw new TypeError(
      "vercel-args must not hold the token, which everybody on the machine could read there: give it as vercel-token.",
    );
  }
  const scope = run.input("scope");
  const meta = ["sha", "actor", "repository_owner", "ref"].flatMap((name) => {
    const value = textOfJson(run.github[name] ?? "");
    return value === "" ? [] : ["-m", `${metaNames[name]}=${value}`];
  });
  const program = await programOf(run);
  const options = { cwd: resolve(run.host.folders.workspace, run.input("working-directory")), env, quiet: true };
  const common = ["--global-config", config, ...(scope === "" ? [] : ["--scope", scope])];
  const end = await run.exec([...program, ...args, "--yes", ...meta, ...common], options);
  run.info(...end.output.trimEnd().split("\n"));
  if (end.code !== 0)
    throw new TypeError(`Vercel refused the deployment (exit code ${end.code ?? "unknown"}): see above.`);
  const said = stripVTControlCharacters(end.output);
  const addresses = (said.match(/https:\/\/[^\s\]"']+/g) ?? []).filter((one) => URL.canParse(one));
  const address = addresses.findLast((one) => new URL(one).hostname.endsWith(".vercel.app")) ?? addresses.at(-1);
  if (address === undefined) throw new TypeError("Vercel said that it deployed, but no address was in what it said.");
  run.setOutput("preview-url", address);
  run.setOutput("preview-name", run.input("vercel-project-name"));
  if (!args.includes("--prod")) run.notice(`This is a preview: ${address}. Production needs \`vercel-args: --prod\`.`);
  for (const domain of run
    .input("alias-domains")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")) {
    const alias = await run.exec([...program, "alias", "set", address, domain, ...common], {
      ...options,
      quiet: false,
    });
    if (alias.code !== 0)
      throw new TypeError(
        `The address ${domain} could not be given to the deployment (exit code ${alias.code ?? "unknown"}).`,
      );
  }
}

const metaNames: Readonly<Record<string, string>> = {
  sha: "githubCommitSha",
  actor: "githubCommitAuthorName",
  repository_owner: "githubOrg",
  ref: "githubCommitRef",
};

async function programOf(run: BuiltInRun): Promise<readonly [string, ...string[]]> {
  const version = run.input("vercel-version");
  if (version === "" && (await run.which("vercel")) !== undefined) return ["vercel"];
  return ["npx", "--yes", `vercel@${version === "" ? "latest" : version}`];
}
