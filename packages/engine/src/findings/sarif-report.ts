import type { Annotation } from "@fairway/core";
import type { Places } from "./places.ts";
import { NotThatReport, jsonOf, listOf, numberOrNull, recordOf, textOrNull } from "./report-form.ts";

type Record_ = Readonly<Record<string, unknown>>;

/** Reads SARIF 2.1.0: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html */
export function readSarif(text: string, places: Places): readonly Annotation[] {
  const log = recordOf(jsonOf(text), "the log");
  if (!String(log["version"]).startsWith("2.")) throw new NotThatReport("it is not SARIF 2");
  return listOf(log["runs"], "the list of runs").flatMap((each) => {
    const run = recordOf(each, "a run");
    const levels = levelsOf(run);
    const bases = isRecord(run["originalUriBaseIds"]) ? run["originalUriBaseIds"] : {};
    // Null or absent where the run only tells about the tool: § 3.14.23.
    return listOf(run["results"] ?? [], "the list of results").flatMap((one): readonly Annotation[] => {
      const result = recordOf(one, "a result");
      const suppressed = Array.isArray(result["suppressions"]) && result["suppressions"].length > 0;
      const kind = textOrNull(result["kind"]) ?? "fail";
      if (suppressed || kind === "pass" || kind === "notApplicable") return [];
      const rule = textOrNull(result["ruleId"]);
      const level = textOrNull(result["level"]) ?? (rule === null ? undefined : levels.get(rule)) ?? "warning";
      const message = recordOf(result["message"], "a result's message");
      return [
        {
          severity: level === "error" ? "error" : level === "warning" ? "warning" : "notice",
          ...placeOf(result, bases, places),
          rule,
          message: textOrNull(message["text"]) ?? textOrNull(message["markdown"]) ?? rule ?? "(no message)",
        },
      ];
    });
  });
}

/** The level that a rule gives results that have none of their own: § 3.27.10. */
function levelsOf(run: Record_): ReadonlyMap<string, string> {
  const driver = isRecord(run["tool"]) && isRecord(run["tool"]["driver"]) ? run["tool"]["driver"] : {};
  const rules = Array.isArray(driver["rules"]) ? driver["rules"] : [];
  return new Map(
    rules.flatMap((rule) => {
      if (!isRecord(rule) || !isRecord(rule["defaultConfiguration"])) return [];
      const [id, level] = [textOrNull(rule["id"]), textOrNull(rule["defaultConfiguration"]["level"])];
      return id === null || level === null ? [] : [[id, level] as const];
    }),
  );
}

function placeOf(result: Record_, bases: Record_, places: Places): Pick<Annotation, "file" | "line" | "column"> {
  const nowhere = { file: null, line: null, column: null };
  const first: unknown = Array.isArray(result["locations"]) ? result["locations"][0] : undefined;
  if (!isRecord(first) || !isRecord(first["physicalLocation"])) return nowhere;
  const { artifactLocation, region } = first["physicalLocation"];
  if (!isRecord(artifactLocation)) return nowhere;
  const uri = textOrNull(artifactLocation["uri"]);
  if (uri === null) return nowhere;
  const base = bases[textOrNull(artifactLocation["uriBaseId"]) ?? ""];
  const from = isRecord(base) ? textOrNull(base["uri"]) : null;
  const { startLine, startColumn } = isRecord(region) ? region : {};
  return { file: places(addressOf(uri, from)), line: numberOrNull(startLine), column: numberOrNull(startColumn) };
}

/** A whole address as it is, or a path: what is relative counts from its base when that is an address. */
function addressOf(uri: string, base: string | null): string {
  if (uri.startsWith("file:")) return uri;
  try {
    if (base?.startsWith("file:")) return new URL(uri, base).href;
    return decodeURIComponent(uri);
  } catch {
    return uri; // With a lone % it is no address, and may still be a path.
  }
}

const isRecord = (value: unknown): value is Record_ =>
  typeof value === "object" && value !== null && !Array.isArray(value);
