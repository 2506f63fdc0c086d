import type { RunSummary } from "@fairway/api";
import { states } from "@fairway/core";

/** What a link to the runs holds: which of them. */
export interface RunsSearch {
  /** In the title. */
  readonly text?: string;
  readonly kind?: RunSummary["kind"];
  readonly state?: RunSummary["state"];
  readonly environment?: string;
  /** Only those that have not ended. */
  readonly open?: true;
  /** In the name of who asked. */
  readonly who?: string;
}

/** The kinds of runs that there are. */
export const kinds: readonly RunSummary["kind"][] = [
  "release",
  "deployment",
  "workflow",
  "infrastructure",
  "preview",
  "verification",
  "duty",
];

/** What of a link's search is meant; what there is not is left out. What looks like a number was one in the link's text too. */
export function runsSearchOf(search: Readonly<Record<string, unknown>>): RunsSearch {
  const text = (name: string): string => {
    const value = search[name];
    return typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
  };
  const kind = kinds.find((one) => one === search["kind"]);
  const state = states.find((one) => one === search["state"]);
  return {
    ...(text("text") === "" ? {} : { text: text("text").slice(0, 200) }),
    ...(kind === undefined ? {} : { kind }),
    ...(state === undefined ? {} : { state }),
    ...(search["open"] === true || search["open"] === "true" ? { open: true } : {}),
    ...(text("environment") === "" ? {} : { environment: text("environment").slice(0, 60) }),
    ...(text("who") === "" ? {} : { who: text("who").slice(0, 120) }),
  };
}

/** The same for the command line. */
export function runsCommand({ text, kind, state, environment, who, open }: RunsSearch): string {
  const given = Object.entries({ env: environment, kind, state, by: who, text }).flatMap(([name, value]) =>
    value === undefined
      ? []
      : [`--${name} ${/^[\w.:-]+$/.test(value) ? value : `'${value.replaceAll("'", String.raw`'\''`)}'`}`],
  );
  return ["fairway runs", ...(open === true ? ["--active"] : []), ...given].join(" ");
}
