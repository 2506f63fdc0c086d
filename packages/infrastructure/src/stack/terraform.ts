import type { Millis } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import { parsePlanJson } from "../reading/plan-json.ts";
import type { ReadPlan } from "../reading/read-plan.ts";
import { readPlan } from "../reading/read-plan.ts";
import type { Diagnostic, LockHolder } from "./diagnostics.ts";
import { diagnosticsIn, isStale, lockHolderIn, plainDiagnostic } from "./diagnostics.ts";

/** How one call of the program ended. */
export interface ToolEnd {
  readonly code: number;
  readonly output: string;
}

/** What a call of the program is for. */
export interface ToolCall {
  /** It changes nothing and what it prints is not for people: state, values, plans with their secrets. */
  readonly quiet?: boolean;
  /** Besides what every call is given. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Runs the user's own Terraform or OpenTofu in the folder of the stack, with its variables in the environment. Throws when
 * it could not be started or its end is unknown.
 */
export type RunTool = (argv: readonly string[], call?: ToolCall) => Promise<ToolEnd>;

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

/** How a plan looks at the world: `refresh-only` changes nothing but the state. */
export type PlanMode = "change" | "refresh-only" | "destroy";

/** What a stack says of itself to others. */
export type StackOutputs = Readonly<Record<string, { readonly sensitive: boolean; readonly value: unknown }>>;

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
  /** Writes a plan to a file that belongs to it alone. */
  plan(file: string, mode?: PlanMode): Promise<Planned>;
  /** Applies exactly that file. Never repeated by itself: whoever does not hear the end asks `basis()` first. */
  apply(file: string): Promise<{ readonly outcome: "applied" } | Refusal>;
  /** By name; what it does not know yet is not among them. */
  outputs(): Promise<StackOutputs>;
  /** The whole state as the program writes it; null where nothing was ever applied. It holds secrets. */
  state(): Promise<string | null>;
  /** Puts the state of a file in the place of the one there is; refused where that is newer or another. */
  putState(file: string): Promise<{ readonly outcome: "put" } | Refusal>;
  /** Who holds the lock of the state now; null when nobody does. */
  lockHolder(): Promise<LockHolder | null>;
}

/** What a stack of Terraform is given besides its environment. */
export interface TerraformOptions {
  readonly workspace?: string | null;
  /** Relative to the folder. */
  readonly varFiles?: readonly string[];
  /** A file with what the backend block leaves out. */
  readonly backendFile?: string | null;
  /** How long another's lock is waited for. */
  readonly lockTimeout?: Millis;
}

/** The stack in a folder, by the program that is run there. */
export function terraformStack(run: RunTool, options: TerraformOptions = {}): Stack {
  const quiet = ["-input=false", "-no-color"] as const;
  const { workspace = null, varFiles = [], backendFile = null, lockTimeout: patience = 60_000 } = options;
  const lockTimeout = `${Math.ceil(patience / 1000)}s`;

  async function refusalOr<Answer>(
    argv: readonly string[],
    well: readonly number[],
    answer: (end: ToolEnd) => Answer,
    call: ToolCall = {},
  ): Promise<Answer | Refusal> {
    const end = await run(argv, call);
    if (well.includes(end.code)) return answer(end);
    const diagnostics = diagnosticsIn(end.output).filter(({ severity }) => severity === "error");
    const holder = lockHolderIn(diagnostics);
    if (holder !== null) return { outcome: "locked", holder };
    if (isStale(diagnostics)) return { outcome: "stale" };
    if (diagnostics.length > 0) return { outcome: "refused", diagnostics };
    const told = plainDiagnostic(end.output);
    if (told !== null) return { outcome: "refused", diagnostics: [told] };
    throw new FairwayError("command_failed", `${argv[0]} ended with ${end.code} and did not say why`, {
      problems: end.output.trim().split("\n").slice(-10),
    });
  }

  /** Where there is none, some backends answer with nothing, and others with one that is of no history. */
  async function pullState(): Promise<string | null> {
    const pulled = await text(run, ["state", "pull"]);
    return pulled.trim() === "" || jsonIn(pulled)["lineage"] === "" ? null : pulled;
  }

  return {
    async version() {
      const said = /^(Terraform|OpenTofu) v(\S+)/mu.exec(await text(run, ["version"]));
      if (said === null) throw new FairwayError("command_failed", "the program does not say its version");
      return `${said[1]?.toLowerCase()} ${said[2]}`;
    },

    async prepare() {
      const backend = backendFile === null ? [] : [`-backend-config=${backendFile}`];
      const ready = await refusalOr(
        ["init", ...quiet, "-json", ...backend],
        [0],
        () => ({ outcome: "ready" }) as const,
      );
      if (ready.outcome !== "ready" || workspace === null) return ready;
      return refusalOr(["workspace", "select", "-no-color", "-or-create=true", workspace], [0], () => ready, {
        quiet: true,
      });
    },

    async basis() {
      const pulled = await pullState();
      const at = { workspace: workspace ?? "default" };
      if (pulled === null) return { ...at, serial: null, lineage: null };
      const { serial, lineage } = jsonIn(pulled);
      return {
        ...at,
        serial: typeof serial === "number" ? serial : null,
        lineage: typeof lineage === "string" ? lineage : null,
      };
    },

    async plan(file, mode = "change") {
      const how = [...(mode === "change" ? [] : [`-${mode}`]), ...varFiles.map((given) => `-var-file=${given}`)];
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

    async outputs() {
      const given = jsonIn(await text(run, ["output", "-json"])) as Readonly<Record<string, OutputJson>>;
      return Object.fromEntries(
        Object.entries(given).map(([name, { sensitive, value }]) => [name, { sensitive: sensitive === true, value }]),
      );
    },

    state: pullState,

    putState: (file) => refusalOr(["state", "push", file], [0], () => ({ outcome: "put" }) as const, { quiet: true }),

    async lockHolder() {
      const argv = ["plan", ...quiet, "-json", "-lock-timeout=0s", "-refresh=false"];
      const end = await run([...argv, ...varFiles.map((given) => `-var-file=${given}`)], { quiet: true });
      return lockHolderIn(diagnosticsIn(end.output));
    },
  };
}

interface OutputJson {
  readonly sensitive?: boolean;
  readonly value?: unknown;
}

/** What a command printed; one that failed is not expected to. */
async function text(run: RunTool, argv: readonly string[]): Promise<string> {
  const { code, output } = await run(argv, { quiet: true });
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
