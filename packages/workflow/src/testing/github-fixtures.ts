import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const folder = join(import.meta.dirname, "../../fixtures/github-languageservices");

/** One of GitHub's own workflow fixtures: a file, the workflows that it calls, and what GitHub says to it. */
export interface ReaderFixture {
  readonly name: string;
  /** The workflow's file name, as GitHub's messages have it. */
  readonly file: string;
  readonly text: string;
  /** The called workflows, by their reference. */
  readonly called: ReadonlyMap<string, string>;
  /** GitHub's messages with their places, or nothing when it takes the file. */
  readonly errors: readonly string[] | undefined;
  /** What GitHub makes of the file, as JSON. */
  readonly expected: Readonly<Record<string, unknown>>;
  readonly options: string;
}

/** All of GitHub's workflow fixtures. */
export function readerFixtures(): readonly ReaderFixture[] {
  return readdirSync(join(folder, "reader"))
    .sort()
    .map((name) => parseFixture(name, readFileSync(join(folder, "reader", name), "utf8")));
}

function parseFixture(name: string, content: string): ReaderFixture {
  const parts = content.split(/^---\r?\n/mu);
  const [options = "", text = "", ...rest] = parts;
  const expected = JSON.parse(rest.pop() ?? "") as Record<string, unknown>;
  const called = new Map<string, string>();
  for (let index = 0; index + 1 < rest.length; index += 2) {
    called.set((rest[index] ?? "").trim(), rest[index + 1] ?? "");
  }
  const errors = expected["errors"] as readonly { readonly Message: string }[] | undefined;
  return {
    name,
    file: `.github/workflows/${name}`,
    text,
    called,
    errors: errors?.map(({ Message }) => Message),
    expected,
    options,
  };
}

/** One of GitHub's expression cases. */
export interface ExpressionCase {
  readonly file: string;
  readonly group: string;
  readonly expr: string;
  readonly result?: { readonly kind: string; readonly value?: unknown };
  readonly err?: { readonly kind: string; readonly value: string };
  readonly contexts?: Readonly<Record<string, never>>;
  readonly options?: { readonly skip?: readonly string[] };
}

/** All of GitHub's expression cases. */
export function expressionCases(): readonly ExpressionCase[] {
  return readdirSync(join(folder, "expressions"))
    .sort()
    .flatMap((file) => {
      const groups = JSON.parse(readFileSync(join(folder, "expressions", file), "utf8")) as Record<
        string,
        readonly Omit<ExpressionCase, "file" | "group">[]
      >;
      return Object.entries(groups).flatMap(([group, cases]) => cases.map((one) => ({ file, group, ...one })));
    });
}
