import { readFile, writeFile } from "node:fs/promises";
import type { CommandProgram } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import { parsePlanJson } from "../reading/plan-json.ts";
import type { ReadPlan } from "../reading/read-plan.ts";
import { readPlan } from "../reading/read-plan.ts";
import type { Refusal, RunTool, Stack, ToolEnd } from "./terraform.ts";

/** The file by which the commands hand a plan on. */
export const planFileVariable = "FAIRWAY_PLAN_FILE";

/** Before what people were shown, where the commands wrote no plan of their own. */
const shownMark = "fairway: what was shown\n";

/**
 * A stack of commands, Pulumi's or the CDK's say. A plan that they write to the file is applied as it is. Where they write
 * none, applying asks once more what would happen, and what is no longer what was shown is stale.
 */
export function commandStack(run: RunTool, program: CommandProgram): Stack {
  const planned = async (file: string): Promise<ReadPlan | null | Refusal> => {
    const env = { [planFileVariable]: file };
    const end = await run(program.plan, { env });
    if (program.exitCodes.nothing.includes(end.code)) return null;
    if (!program.exitCodes.changes.includes(end.code)) return refused(program.plan[0], end);
    if (program.show === null) return planOf(end.output);
    const shown = await run(program.show, { quiet: true, env });
    return shown.code === 0 ? planOf(shown.output) : refused(program.show[0], shown);
  };

  return {
    version: async () => program.plan.join(" "),
    prepare: async () => ({ outcome: "ready" }),
    basis: async () => ({ workspace: "default", serial: null, lineage: null }),

    async plan(file, mode = "change") {
      if (mode === "refresh-only") throw new FairwayError("not_allowed_now", "commands cannot look for drift");
      if (mode === "destroy") {
        if (program.destroy === null)
          throw new FairwayError("not_allowed_now", "these commands have none that takes all of it away", {
            hint: "give the stack's program a `destroy` command",
          });
        const shown = `${program.destroy.join(" ")}\n`;
        await writeFile(file, `${shownMark}${mode}\n${shown}`, { mode: 0o600 });
        return { outcome: "planned", plan: planOf(shown) };
      }
      const plan = await planned(file);
      if (plan === null) return { outcome: "nothing" };
      if ("outcome" in plan) return plan;
      if ((await contentOf(file)) === null)
        await writeFile(file, `${shownMark}${mode}\n${plan.shown ?? ""}`, { mode: 0o600 });
      return { outcome: "planned", plan };
    },

    async apply(file) {
      const content = (await contentOf(file)) ?? "";
      const isDestroy = content.startsWith(`${shownMark}destroy\n`);
      if (content.startsWith(shownMark) && !isDestroy) {
        const now = await planned(`${file}.again`);
        if (now !== null && "outcome" in now) return now;
        if (`${shownMark}change\n${now?.shown ?? ""}` !== content) return { outcome: "stale" };
      }
      const argv = isDestroy && program.destroy !== null ? program.destroy : program.apply;
      const end = await run(argv, { env: { [planFileVariable]: file } });
      return end.code === 0 ? { outcome: "applied" } : refused(argv[0], end);
    },

    outputs: async () => ({}),
    state: async () => null,
    putState: async () => {
      throw new FairwayError("not_allowed_now", "the state of these commands is their own");
    },
    lockHolder: async () => null,
  };
}

const contentOf = (file: string): Promise<string | null> =>
  readFile(file, "utf8").catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === "ENOENT") return null;
    throw thrown;
  });

/** What is written as Terraform writes plans is read as such; everything else is shown as it is. */
function planOf(output: string): ReadPlan {
  if (output.trimStart().startsWith("{") && output.includes('"format_version"')) return readPlan(parsePlanJson(output));
  return { changes: [], outputs: [], drift: [], shown: output, whole: true };
}

const refused = (program: string, { code, output }: ToolEnd): Refusal => ({
  outcome: "refused",
  diagnostics: [
    {
      severity: "error",
      summary: code < 0 ? `${program} was stopped` : `${program} ended with exit code ${code}`,
      detail: output.trim().split("\n").slice(-10).join("\n"),
      file: null,
      line: null,
      column: null,
    },
  ],
});
