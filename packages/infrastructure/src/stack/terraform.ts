import { FairwayError } from "@fairway/core";
import { parsePlanJson } from "../reading/plan-json.ts";
import type { ReadPlan } from "../reading/read-plan.ts";
import { readPlan } from "../reading/read-plan.ts";
import type { Diagnostic, LockHolder } from "./diagnostics.ts";
import { diagnosticsIn, isStale, lockHolderIn } from "./diagnostics.ts";

/** How one call of the program ended. */
export interface ToolEnd {
  readonly code: number;
  readonly output: string;
}

/**
 * Runs the user's own Terraform or OpenTofu in the folder of the stack, with its variables in the environment. Throws when
 * it could not be started or its end is unknown.
 */
export type RunTool = (argv: readonly string[]) => Promise<ToolEnd>;

/** Why the program said no. */
export type Refusal =
  | { readonly outcome: "locked"; readonly holder: LockHolder }
  | { readonly outcome: "stale" }
  | { readonly outcome: "refused"; readonly diagnostics: readonly Diagnostic[] };

/** What a plan would do, when there is one. */
export type Planned =
  | { readonly outcome: "nothing" }
  | { readonly outcome: "planned"; readonly plan: ReadPlan }
  | Refusal;

/** Which state a stack has. */
export interface StateBasis {
  readonly workspace: string;
  /** Null where nothing was ever applied. */
  readonly serial: number | null;
  readonly lineage: string | null;
}

/** The commands of one stack. */
export interface Stack {
  /** As `terraform 1.15.5`. */
  version(): Promise<string>;
  /** Brings providers and modules. May be repeated. */
  prepare(): Promise<{ readonly outcome: "ready" } | Refusal>;
  /** Which state there is, which a plan is bound to. */
  basis(): Promise<StateBasis>;
  /** Writes a plan to a file that belongs to it alone. `refresh-only` looks at the world and changes nothing but the state. */
  plan(file: string, mode?: "change" | "refresh-only" | "destroy"): Promise<Planned>;
  /** Applies exactly that file. Never repeated by itself: whoever does not hear the end asks `basis()` first. */
  apply(file: string): Promise<{ readonly outcome: "applied" } | Refusal>;
}

/** How long another's lock is waited for. */
const lockTimeout = "60s";

/** The stack in a folder, by the program that is run there. */
export function terraformStack(run: RunTool): Stack {
  const quiet = ["-input=false", "-no-color"] as const;

  async function refusalOr<Answer>(
    argv: readonly string[],
    well: readonly number[],
    answer: (end: ToolEnd) => Answer,
  ): Promise<Answer | Refusal> {
    const end = await run(argv);
    if (well.includes(end.code)) return answer(end);
    const diagnostics = diagnosticsIn(end.output).filter(({ severity }) => severity === "error");
    const holder = lockHolderIn(diagnostics);
    if (holder !== null) return { outcome: "locked", holder };
    if (isStale(diagnostics)) return { outcome: "stale" };
    if (diagnostics.length > 0) return { outcome: "refused", diagnostics };
    throw new FairwayError("command_failed", `${argv[0]} ended with ${end.code} and did not say why`, {
      problems: end.output.trim().split("\n").slice(-10),
    });
  }

  return {
    async version() {
      const said = /^(Terraform|OpenTofu) v(\S+)/mu.exec(await text(run, ["version"]));
      if (said === null) throw new FairwayError("command_failed", "the program does not say its version");
      return `${said[1]?.toLowerCase()} ${said[2]}`;
    },

    prepare: () => refusalOr(["init", ...quiet, "-json"], [0], () => ({ outcome: "ready" }) as const),

    async basis() {
      const workspace = (await text(run, ["workspace", "show"])).trim();
      const pulled = await text(run, ["state", "pull"]);
      if (pulled.trim() === "") return { workspace, serial: null, lineage: null };
      const { serial, lineage } = jsonIn(pulled);
      return {
        workspace,
        serial: typeof serial === "number" ? serial : null,
        lineage: typeof lineage === "string" ? lineage : null,
      };
    },

    async plan(file, mode = "change") {
      const how = mode === "change" ? [] : [`-${mode}`];
      const argv = [
        "plan",
        ...quiet,
        "-json",
        `-lock-timeout=${lockTimeout}`,
        "-detailed-exitcode",
        `-out=${file}`,
        ...how,
      ];
      const ended = await refusalOr(argv, [0, 2], ({ code }) => code);
      if (typeof ended !== "number") return ended;
      const plan = readPlan(parsePlanJson(await text(run, ["show", "-json", file])));
      // A look at the world that found something different ends with 0 in some versions and with 2 in others.
      return ended === 0 && plan.drift.length === 0 ? { outcome: "nothing" } : { outcome: "planned", plan };
    },

    apply: (file) =>
      refusalOr(
        ["apply", ...quiet, "-json", `-lock-timeout=${lockTimeout}`, file],
        [0],
        () => ({ outcome: "applied" }) as const,
      ),
  };
}

/** What a command printed; one that failed is not expected to. */
async function text(run: RunTool, argv: readonly string[]): Promise<string> {
  const { code, output } = await run(argv);
  if (code === 0) return output;
  throw new FairwayError("command_failed", `${argv.join(" ")} ended with ${code}`, {
    problems: output.trim().split("\n").slice(-10),
  });
}

function jsonIn(output: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(output.slice(Math.max(0, output.indexOf("{")))) as Readonly<Record<string, unknown>>;
  } catch (thrown) {
    throw new FairwayError("command_failed", "what the program printed is no JSON", { cause: thrown });
  }
}
