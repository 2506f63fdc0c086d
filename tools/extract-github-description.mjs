// Takes what Fairway asks of GitHub out of GitHub's own OpenAPI description, for the test that holds both our requests and our
// double's answers to it: node tools/extract-github-description.mjs FOLDER_OF_@octokit/openapi. The whole has 385 MB.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [folder = "node_modules/@octokit/openapi"] = process.argv.slice(2);
const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
const whole = JSON.parse(readFileSync(join(folder, "generated/api.github.com.json"), "utf8"));
const repository = "/repos/{owner}/{repo}";
const asked = {
  [`${repository}/statuses/{sha}`]: ["post"],
  [`${repository}/deployments`]: ["get", "post"],
  [`${repository}/deployments/{deployment_id}/statuses`]: ["post"],
  [`${repository}/check-runs`]: ["post"],
  [`${repository}/check-runs/{check_run_id}`]: ["get", "patch"],
  [`${repository}/commits/{ref}/check-runs`]: ["get"],
  [`${repository}/issues/{issue_number}/comments`]: ["get", "post"],
  [`${repository}/issues/comments/{comment_id}`]: ["patch"],
  [`${repository}/releases`]: ["post"],
  [`${repository}/releases/{release_id}`]: ["patch"],
  [`${repository}/releases/tags/{tag}`]: ["get"],
  [`${repository}/pulls`]: ["get"],
  [`${repository}/installation`]: ["get"],
  "/app/installations/{installation_id}/access_tokens": ["post"],
};

const schemas = {};
/** For people, and not for a comparison. */
const prose = new Set(["description", "example", "examples", "title", "externalDocs", "summary", "tags"]);

/** A value without prose; what it refers to is taken along. Within `properties` every name is a name. */
function bare(value, areNames = false) {
  if (Array.isArray(value)) return value.map((one) => bare(one));
  if (value === null || typeof value !== "object") return value;
  if (typeof value.$ref === "string") {
    const [, , kind, name] = value.$ref.split("/");
    if (kind !== "schemas") return bare(whole.components[kind][name]);
    if (!(name in schemas)) {
      schemas[name] = {};
      schemas[name] = bare(whole.components.schemas[name]);
    }
    return { $ref: value.$ref };
  }
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => areNames || !prose.has(key))
      .map(([key, one]) => [key, bare(one, !areNames && key === "properties")]),
  );
}

const schemaOf = (of) => bare(of?.content?.["application/json"]?.schema ?? null);
const operations = Object.entries(asked).flatMap(([path, methods]) =>
  methods.map((method) => {
    const { parameters = [], requestBody, responses } = whole.paths[path][method];
    return {
      method: method.toUpperCase(),
      path,
      query: parameters.map((one) => bare(one)).flatMap((one) => (one.in === "query" ? [one.name] : [])),
      body: schemaOf(requestBody),
      answers: Object.fromEntries(
        Object.entries(responses).flatMap(([status, answer]) => (status < "300" ? [[status, schemaOf(answer)]] : [])),
      ),
    };
  }),
);
const source = `@octokit/openapi ${version}, generated/api.github.com.json, MIT`;
const fixture = new URL("../plugins/builtin/fixtures/github-description.json", import.meta.url);
writeFileSync(fixture, `${JSON.stringify({ source, operations, schemas })}\n`);
