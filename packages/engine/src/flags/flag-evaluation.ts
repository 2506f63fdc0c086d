import type { FlagSet, FlagValue } from "@fairway/core";
import { resolveSharedRules } from "@fairway/core";
import type { EvaluationContext, Logger } from "@openfeature/core";
import type { MemoryStorage } from "@openfeature/flagd-core";

/** What a flag gives to whoever asks, in the words of OpenFeature. */
export type FlagEvaluation =
  /** Without a value it is the default in the code that asks. */
  | {
      readonly key: string;
      readonly value?: FlagValue;
      readonly variant?: string;
      readonly reason: string;
      readonly metadata: Readonly<Record<string, FlagValue>>;
    }
  | {
      readonly key: string;
      readonly errorCode: "FLAG_NOT_FOUND" | "PARSE_ERROR" | "GENERAL";
      readonly errorDetails: string;
    };

/** The flags of one environment, ready to be asked. */
export interface FlagEvaluator {
  one(key: string, context: Readonly<Record<string, unknown>>): FlagEvaluation;
  /** Every flag, by key; those that are off come without a value. */
  all(context: Readonly<Record<string, unknown>>): readonly FlagEvaluation[];
}

const silent: Logger = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };
// Rules are interpreted: compiled they would be code of whoever may edit flags, within the daemon.
// Loaded when the first flag is there: it takes 120 ms of processor time and 16 MB.
const newStorage = async (): Promise<MemoryStorage> => {
  const flagd = await import("@openfeature/flagd-core");
  return new flagd.MemoryStorage(silent, { disableDynamicCodeGeneration: true });
};

/** Makes flags ready to be asked. The set must be without problems. */
export async function flagEvaluator(set: FlagSet): Promise<FlagEvaluator> {
  const storage = await newStorage();
  storage.setConfigurations(JSON.stringify(resolveSharedRules(set)));
  const evaluate = (key: string, context: Readonly<Record<string, unknown>>): FlagEvaluation => {
    const flag = storage.getFlag(key);
    if (flag === undefined)
      return { key, errorCode: "FLAG_NOT_FOUND", errorDetails: `there is no flag "${key}" in this environment` };
    const metadata = flag.metadata as Readonly<Record<string, FlagValue>>;
    if (flag.state === "DISABLED") return { key, reason: "DISABLED", metadata };
    const found = flag.evaluate(context as EvaluationContext, silent);
    if (found.reason === "ERROR")
      return {
        key,
        errorCode: found.errorCode === "PARSE_ERROR" ? "PARSE_ERROR" : "GENERAL",
        errorDetails: found.errorMessage ?? "the flag could not be evaluated",
      };
    return {
      key,
      ...(found.value === undefined ? {} : { value: found.value }),
      ...(found.variant === undefined ? {} : { variant: found.variant }),
      reason: found.reason,
      metadata,
    };
  };
  const keys = Object.keys(set.flags).toSorted();
  return { one: evaluate, all: (context) => keys.map((key) => evaluate(key, context)) };
}

/** Where flagd's own schema, which it publishes, refuses a set; null when it takes it. */
export async function refusedBySchema(
  set: FlagSet,
): Promise<{ readonly pointer: string; readonly message: string } | null> {
  const storage = await newStorage();
  try {
    storage.setConfigurations(JSON.stringify(resolveSharedRules(set)), true);
    return null;
  } catch (thrown) {
    return deepestOf(thrown instanceof Error ? thrown.message : String(thrown));
  }
}

/** The schema tries every kind of flag, so most of what it says is beside the point; what it got furthest with is not. */
function deepestOf(message: string): { readonly pointer: string; readonly message: string } {
  try {
    const errors = JSON.parse(message.slice(message.indexOf("["))) as readonly {
      readonly instancePath: string;
      readonly message: string;
    }[];
    const [deepest] = errors.toSorted((a, b) => b.instancePath.split("/").length - a.instancePath.split("/").length);
    if (deepest) return { pointer: deepest.instancePath, message: deepest.message };
  } catch {
    // It was no list: said as it is.
  }
  return { pointer: "", message };
}
