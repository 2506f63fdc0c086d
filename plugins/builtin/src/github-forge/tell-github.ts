import type {
  Annotation,
  CheckRunReport,
  CommentReport,
  CommitStatusReport,
  DeploymentReport,
  ForgeReport,
  ReleaseNotesReport,
  ReportReceipt,
} from "@fairway/core";
import type { GitHubAnswer, GitHubApi } from "./github-api.ts";
import { isRecord, recordAt, textAt } from "./read-github-event.ts";

/** Where reports go: `/repos/owner/name`. */
interface Place {
  readonly api: GitHubApi;
  readonly at: string;
}

const told = (id: string | null): ReportReceipt => ({ outcome: "told", id });
type Failed = Exclude<GitHubAnswer, { readonly outcome: "done" }>;

/** What could not be told, and whether it can be told later. */
const failed = (answer: Failed): ReportReceipt =>
  answer.outcome === "unchanged"
    ? told(null)
    : answer.outcome === "refused"
      ? { outcome: "refused", why: answer.why }
      : answer;

/** Tells GitHub something, or changes what it was told. May be repeated, also where the first time nobody heard the answer. */
export function tellGitHub(place: Place, report: ForgeReport, id: string | null, key: string): Promise<ReportReceipt> {
  switch (report.kind) {
    case "status":
      return tellStatus(place, report);
    case "check-run":
      return tellCheckRun(place, report, id, key);
    case "deployment":
      return tellDeployment(place, report, id, key);
    case "comment":
      return tellComment(place, report, id);
    case "release":
      return tellRelease(place, report);
  }
}

const cut = (text: string, most: number): string => (text.length <= most ? text : `${text.slice(0, most - 1)}…`);
const idOf = (body: unknown): string | null => {
  const id = isRecord(body) ? body["id"] : undefined;
  return typeof id === "number" || typeof id === "string" ? String(id) : null;
};

async function tellStatus({ api, at }: Place, report: CommitStatusReport): Promise<ReportReceipt> {
  const answer = await api.ask("POST", `${at}/statuses/${report.sha}`, {
    state: report.state,
    context: cut(report.context, 255),
    description: cut(report.description, 140),
    ...(report.url === null ? {} : { target_url: report.url }),
  });
  return answer.outcome === "done" ? told(idOf(answer.body)) : failed(answer);
}

/** Of one request (https://docs.github.com/rest/checks/runs#update-a-check-run). */
const mostAnnotations = 50;
const conclusions = new Set(["success", "failure", "cancelled", "skipped", "neutral", "action_required"]);

async function tellCheckRun(
  { api, at }: Place,
  report: CheckRunReport,
  id: string | null,
  key: string,
): Promise<ReportReceipt> {
  const standing = conclusions.has(report.state)
    ? { status: "completed", conclusion: report.state }
    : { status: report.state };
  const output = { title: cut(report.title, 255), summary: cut(report.summary, 65_000) };
  const common = { ...standing, ...(report.url === null ? {} : { details_url: report.url }) };
  const known = id ?? (await checkRunBy(api, at, report, key));
  if (typeof known === "object" && known !== null) return failed(known);
  const annotations = report.annotations.filter(isPlaced).map(annotationOf);
  let current = known;
  // What an earlier try has sent is counted there, and each request adds to it.
  let sent = 0;
  if (current !== null && annotations.length > 0) {
    const found = await api.ask("GET", `${at}/check-runs/${current}`);
    if (found.outcome !== "done") return failed(found);
    const count = recordAt(isRecord(found.body) ? found.body : {}, "output")?.["annotations_count"];
    sent = typeof count === "number" ? count : 0;
  }
  do {
    const batch = annotations.slice(sent, sent + mostAnnotations);
    const body = { ...common, output: batch.length > 0 ? { ...output, annotations: batch } : output };
    const answer: GitHubAnswer =
      current === null
        ? await api.ask("POST", `${at}/check-runs`, {
            name: report.name,
            head_sha: report.sha,
            external_id: key,
            ...body,
          })
        : await api.ask("PATCH", `${at}/check-runs/${current}`, body);
    if (answer.outcome !== "done") return failed(answer);
    current ??= idOf(answer.body);
    sent += batch.length;
  } while (sent < annotations.length);
  return told(current);
}

/** A check run that an earlier try made and whose answer nobody heard. */
async function checkRunBy(
  api: GitHubApi,
  at: string,
  { sha, name }: CheckRunReport,
  key: string,
): Promise<string | null | Failed> {
  const query = `check_name=${encodeURIComponent(name)}&per_page=100`;
  const answer = await api.ask("GET", `${at}/commits/${sha}/check-runs?${query}`);
  if (answer.outcome !== "done") return answer.outcome === "refused" && answer.status === 404 ? null : answer;
  const runs =
    isRecord(answer.body) && Array.isArray(answer.body["check_runs"]) ? (answer.body["check_runs"] as unknown[]) : [];
  return idOf(runs.find((run) => isRecord(run) && textAt(run, "external_id") === key));
}

const isPlaced = ({ file }: Annotation): boolean => file !== null;
const levels = { error: "failure", warning: "warning", notice: "notice" } as const;

/** One place of a file as GitHub shows it; columns only within one line. */
const annotationOf = ({ severity, file, line, column, rule, message }: Annotation): object => ({
  path: file,
  start_line: line ?? 1,
  end_line: line ?? 1,
  ...(column === null ? {} : { start_column: column, end_column: column }),
  annotation_level: levels[severity],
  message: cut(message, 60_000),
  ...(rule === null ? {} : { title: cut(rule, 255) }),
});

async function tellDeployment(
  { api, at }: Place,
  report: DeploymentReport,
  id: string | null,
  key: string,
): Promise<ReportReceipt> {
  const known = id ?? (await deploymentBy(api, at, report, key));
  if (typeof known === "object" && known !== null) return failed(known);
  let current = known;
  if (current === null) {
    const answer = await api.ask("POST", `${at}/deployments`, {
      ref: report.sha,
      task: "deploy",
      environment: report.environment,
      description: cut(report.description, 140),
      payload: { fairway: key },
      // Fairway has judged it; GitHub need not merge or wait for anything.
      auto_merge: false,
      required_contexts: [],
      production_environment: report.production,
    });
    if (answer.outcome !== "done") return failed(answer);
    current = idOf(answer.body);
  }
  const answer = await api.ask("POST", `${at}/deployments/${current}/statuses`, {
    state: report.state,
    description: cut(report.description, 140),
    auto_inactive: true,
    ...(report.environmentUrl === null ? {} : { environment_url: report.environmentUrl }),
    ...(report.url === null ? {} : { log_url: report.url }),
  });
  // The deployment is remembered also where its status was not taken: it is not made again.
  return answer.outcome === "done" ? told(current) : failed(answer);
}

/** A deployment that an earlier try made and whose answer nobody heard. */
async function deploymentBy(
  api: GitHubApi,
  at: string,
  report: DeploymentReport,
  key: string,
): Promise<string | null | Failed> {
  const query = `sha=${report.sha}&environment=${encodeURIComponent(report.environment)}&per_page=100`;
  const answer = await api.ask("GET", `${at}/deployments?${query}`);
  if (answer.outcome !== "done") return answer;
  const all = Array.isArray(answer.body) ? (answer.body as unknown[]) : [];
  return idOf(all.find((one) => isRecord(one) && fairwayOf(one["payload"]) === key));
}

/** GitHub gives a payload back as it was sent, as an object or as its text. */
function fairwayOf(payload: unknown): string | null {
  if (isRecord(payload)) return textAt(payload, "fairway");
  if (typeof payload !== "string") return null;
  return /"fairway"\s*:\s*"([^"\\]*)"/u.exec(payload)?.[1] ?? null;
}

/** A line that browsers do not show, by which the comment is found again. */
const mark = (topic: string): string => `<!-- fairway: ${topic.replaceAll("--", "- -")} -->`;

async function tellComment({ api, at }: Place, report: CommentReport, id: string | null): Promise<ReportReceipt> {
  const body = `${mark(report.topic)}\n${cut(report.text, 65_000)}`;
  const known = id ?? (await commentBy(api, at, report));
  if (typeof known === "object" && known !== null) return failed(known);
  if (known !== null) {
    const answer = await api.ask("PATCH", `${at}/issues/comments/${known}`, { body });
    if (answer.outcome === "done") return told(known);
    // Somebody has deleted it: it is written anew.
    if (answer.outcome !== "refused" || answer.status !== 404) return failed(answer);
  }
  const answer = await api.ask("POST", `${at}/issues/${report.number}/comments`, { body });
  return answer.outcome === "done" ? told(idOf(answer.body)) : failed(answer);
}

async function commentBy(
  api: GitHubApi,
  at: string,
  { number, topic }: CommentReport,
): Promise<string | null | Failed> {
  let next: string | null = `${at}/issues/${number}/comments?per_page=100`;
  for (let page = 0; next !== null && page < 20; page++) {
    const answer: GitHubAnswer = await api.ask("GET", next);
    if (answer.outcome !== "done") return answer;
    const all = Array.isArray(answer.body) ? (answer.body as unknown[]) : [];
    const found = all.find((one) => isRecord(one) && textAt(one, "body")?.startsWith(mark(topic)));
    if (found !== undefined) return idOf(found);
    next = answer.next;
  }
  return null;
}

async function tellRelease({ api, at }: Place, report: ReleaseNotesReport): Promise<ReportReceipt> {
  const body = { name: cut(report.title, 255), body: cut(report.text, 120_000), prerelease: report.prerelease };
  const there = await api.ask("GET", `${at}/releases/tags/${encodeURIComponent(report.tag)}`);
  if (there.outcome === "done") {
    const answer = await api.ask("PATCH", `${at}/releases/${idOf(there.body)}`, body);
    return answer.outcome === "done" ? told(idOf(there.body)) : failed(answer);
  }
  if (there.outcome !== "refused" || there.status !== 404) return failed(there);
  const answer = await api.ask("POST", `${at}/releases`, { tag_name: report.tag, ...body });
  return answer.outcome === "done" ? told(idOf(answer.body)) : failed(answer);
}
