import { readFileSync } from "node:fs";
import type {
  CheckRunReport,
  CommentReport,
  CommitStatusReport,
  DeploymentReport,
  ForgeReport,
  ReleaseNotesReport,
} from "@fairway/core";
import { memoryGitHub } from "@fairway/conformance";
import type { ValidateFunction } from "ajv";
import { Ajv } from "ajv";
import { expect, onTestFinished, test } from "vitest";
import { guardedFetch } from "../outgoing/guarded-fetch.ts";
import { githubApi } from "./github-api.ts";
import { tellGitHub } from "./tell-github.ts";

// GitHub's own description, as far as we ask. Prism, which would answer by it, wants a newer Node.js than Fairway does; so what
// goes over the wire to our double is held to it, in both directions.

type Schema = Readonly<Record<string, unknown>>;
interface Described {
  readonly method: string;
  readonly path: string;
  readonly query: readonly string[];
  readonly body: Schema | null;
  readonly answers: Readonly<Record<string, Schema | null>>;
}
const { operations, schemas } = JSON.parse(
  readFileSync(new URL("../../fixtures/github-description.json", import.meta.url), "utf8"),
) as { readonly operations: readonly Described[]; readonly schemas: Readonly<Record<string, Schema>> };

const ajv = new Ajv({ strict: false, validateFormats: false });
ajv.addSchema({ $id: "github", components: { schemas } });

/** With references that lead to where the shapes lie. */
const placed = (schema: Schema): Schema =>
  JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"github#/components')) as Schema;
/** What a double answers is a part of what GitHub does: what it says must be so, and it need not say everything. */
const partOf = (schema: unknown): unknown => {
  if (Array.isArray(schema)) return schema.map(partOf);
  if (schema === null || typeof schema !== "object") return schema;
  if ("$ref" in schema) return partOf(schemas[String(schema.$ref).split("/").at(-1) ?? ""]);
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key, value]) => key !== "required" || !Array.isArray(value))
      .map(([key, value]) => [key, partOf(value)]),
  );
};

const compiled = new Map<object, ValidateFunction>();
/** Compiling takes longer than all the rest. */
function compiledOnce(of: object, schema: () => unknown): ValidateFunction {
  const known = compiled.get(of) ?? ajv.compile(schema() as Schema);
  compiled.set(of, known);
  return known;
}

function describedOf(method: string, path: string): Described {
  const found = operations.find(
    (one) => one.method === method && new RegExp(`^${one.path.replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(path),
  );
  if (found === undefined) throw new Error(`GitHub describes no ${method} ${path}`);
  return found;
}

/** Names in a body that the description does not know: GitHub would take no notice of them, and we should know. */
function unknownNames(schema: Schema | null, body: unknown): readonly string[] {
  const properties = schema?.["properties"] as Readonly<Record<string, Schema>> | undefined;
  // Of a payload whoever sends it says what is in it.
  if (properties === undefined) return [];
  if (typeof body !== "object" || body === null || Array.isArray(body)) return [];
  return Object.entries(body).flatMap(([name, value]) =>
    name in properties ? unknownNames(properties[name] ?? null, value) : [name],
  );
}

interface Exchange {
  readonly method: string;
  readonly url: URL;
  readonly body: unknown;
  readonly status: number;
  readonly answer: unknown;
}

function problemsOf({ method, url, body, status, answer }: Exchange): readonly string[] {
  const described = describedOf(method, url.pathname);
  const where = `${method} ${described.path}`;
  const queries = [...url.searchParams.keys()].filter((name) => !described.query.includes(name));
  const problems = queries.map((name) => `${where} knows no ${name}`);
  const { body: taken } = described;
  if (taken !== null && body !== undefined) {
    const isTaken = compiledOnce(taken, () => placed(taken));
    if (!isTaken(body)) problems.push(`${where} does not take the body: ${ajv.errorsText(isTaken.errors)}`);
    problems.push(...unknownNames(taken, body).map((name) => `${where} knows no ${name} in its body`));
  }
  if (status >= 300) return problems;
  const said = described.answers[String(status)];
  if (said === undefined) return [...problems, `${where} never answers with ${status}`];
  const isAnswer = compiledOnce(said ?? described, () => partOf(said ?? {}));
  if (!isAnswer(answer)) problems.push(`${where} does not answer so: ${ajv.errorsText(isAnswer.errors)}`);
  return problems;
}

const sha = "0123456789abcdef0123456789abcdef01234567";
const url = "https://fairway.example.com/runs/run-1";
const annotations = Array.from({ length: 120 }, (_one, at) => ({
  severity: at % 2 === 0 ? ("error" as const) : ("warning" as const),
  file: "src/a.ts",
  line: at + 1,
  column: at % 3 === 0 ? null : 4,
  rule: at % 5 === 0 ? null : "no-x",
  message: `m${at}`,
}));
const statusOf = (state: CommitStatusReport["state"]): CommitStatusReport => ({
  ...({ kind: "status", sha, context: "fairway/release", description: "r1", url } as const),
  state,
});
const deploymentOf = (state: DeploymentReport["state"]): DeploymentReport => ({
  ...({ kind: "deployment", sha, environment: "production", production: true, description: "r1", url } as const),
  environmentUrl: "https://shop.example.com",
  state,
});
const checkOf = (state: CheckRunReport["state"]): CheckRunReport => ({
  ...({ kind: "check-run", sha, name: "lint", title: "120 findings", summary: "# 120", annotations, url } as const),
  state,
});
const commentOf = (text: string): CommentReport => ({ kind: "comment", number: 7, topic: "preview", text });
const notesOf = (text: string, prerelease: boolean): ReleaseNotesReport => ({
  ...({ kind: "release", tag: "v1.0.0", title: "v1.0.0" } as const),
  ...{ text, prerelease },
});
type Told = readonly [key: string, report: ForgeReport];
const statuses = ["pending", "success", "failure", "error"] as const;
const deployments = ["queued", "in_progress", "success", "failure", "error", "inactive"] as const;
const checks = ["queued", "in_progress", "failure", "success", "cancelled", "skipped", "neutral"] as const;
const reports: readonly Told[] = [
  ...statuses.map((state): Told => [`status ${state}`, statusOf(state)]),
  ...deployments.map((state): Told => ["deployment run-1", deploymentOf(state)]),
  ...checks.map((state): Told => [`check ${state}`, checkOf(state)]),
  ["check again", checkOf("success")],
  ["comment", commentOf("It is at https://pr-7.example.com")],
  ["comment", commentOf("It is gone")],
  ["release", notesOf("Notes", false)],
  ["release", notesOf("More notes", true)],
];

test("whatever GitHub is told, its own description takes, and our double answers as it says", async () => {
  const github = await memoryGitHub("t0ken");
  onTestFinished(() => github.close());
  const outgoing = guardedFetch({ allowPrivate: ["127.0.0.1/32"] });
  const exchanges: Exchange[] = [];
  const api = githubApi({
    api: github.url,
    token: async () => "t0ken",
    outgoing: {
      ...outgoing,
      async ask(request) {
        const answer = await outgoing.ask(request);
        const { method, url, body } = request;
        const said = answer.body.length === 0 ? undefined : (JSON.parse(String(answer.body)) as unknown);
        exchanges.push({
          ...{ method, url: new URL(url), status: answer.status, answer: said },
          body: typeof body === "string" ? (JSON.parse(body) as unknown) : undefined,
        });
        return answer;
      },
    },
  });
  onTestFinished(() => api.close());
  const ids = new Map<string, string | null>();
  for (const [key, report] of reports) {
    const receipt = await tellGitHub({ api, at: "/repos/acme/shop" }, report, ids.get(key) ?? null, key);
    expect([key, receipt]).toEqual([key, expect.objectContaining({ outcome: "told" })]);
    if (receipt.outcome === "told") ids.set(key, receipt.id);
  }
  expect(exchanges.flatMap(problemsOf)).toEqual([]);
  const asked = new Set(exchanges.map(({ method, url }) => `${method} ${describedOf(method, url.pathname).path}`));
  expect(asked.size).toBeGreaterThanOrEqual(11);
  const batches = exchanges.flatMap(({ body }) => {
    const { output } = (body ?? {}) as { readonly output?: { readonly annotations?: readonly unknown[] } };
    return output?.annotations === undefined ? [] : [output.annotations.length];
  });
  expect(Math.max(...batches)).toBe(50);
});
