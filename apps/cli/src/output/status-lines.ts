import type { EnvironmentShape, RunSummary, Status } from "@fairway/api";
import { outcomeWords } from "@fairway/core";
import { mostRuns } from "../most-runs.ts";
import { textWidth } from "./text-width.ts";
import { ago } from "./times.ts";
import { bold, dim, fit, harmless, markOf, pad, paint, wrap } from "./terminal.ts";

const firstSteps = "write one with: fairway init; commit it; then: fairway release";

/** What runs where, what moves and what waits, in at most `width` columns. */
export function statusLines(status: Status, width: number, now: number): readonly string[] {
  const onItsWay = status.active.flatMap((run) => activeLines(run, width));
  return [
    fit(`${bold(harmless(status.project))}  ${dim(status.url)}`, width),
    ...status.problems.flatMap((problem) => marked(markOf("errored"), problem, width)),
    ...(status.environments.length === 0
      ? [
          "",
          ...wrap("no environments yet: no configuration was read from the last commit", width),
          ...wrap(`→ ${firstSteps}`, width),
        ]
      : []),
    ...status.environments.flatMap((environment) => ["", ...environmentLines(environment, width, now)]),
    ...(onItsWay.length > 0 ? ["", bold("on its way"), ...onItsWay, ...restLines(status)] : []),
  ];
}

/** What is on its way and does not stand here. */
const restLines = ({ active, open }: Status): readonly string[] =>
  open > active.length ? [dim(`and ${open - active.length} more: fairway runs --active --limit ${mostRuns}`)] : [];

/** A sentence that must not be cut, behind its mark. */
const marked = (mark: string, text: string, width: number): readonly string[] =>
  wrap(harmless(text), width, "  ").map((line, index) => (index === 0 ? `${mark} ${line.slice(2)}` : line));

function activeLines(run: RunSummary, width: number): readonly string[] {
  const tail = run.attention
    ? harmless(run.attention.action)
    : run.paused
      ? `${harmless(run.paused.by)} paused it: fairway resume ${run.id}`
      : run.state === "waiting"
        ? `fairway run show ${run.id}`
        : "";
  const head = fit(`${markOf(run.state)} ${run.id}  ${harmless(run.title)}`, width);
  return tail ? [head, ...wrap(`→ ${tail}`, width, "    ").map(dim)] : [head];
}

function environmentLines(environment: EnvironmentShape, width: number, now: number): readonly string[] {
  const { current, lock, moving } = environment;
  const what = current
    ? `${current.release}  ${current.revision.short}  ${ago(current.since, now)}  ${harmless(current.revision.subject)}`
    : "nothing runs here yet";
  const lines = [fit(`${bold(harmless(environment.name))}  ${what}`, width)];
  if (environment.url && current) lines.push(dim(fit(`  ${environment.url}`, width)));
  if (lock)
    for (const line of wrap(
      `locked by ${harmless(lock.by)} ${ago(lock.since, now)}${lock.until === null ? "" : `, until ${lock.until}`}: ${harmless(lock.reason)}`,
      width,
      "  ",
    ))
      lines.push(paint("waiting", line));
  if (environment.freeze)
    for (const line of wrap(
      `frozen until ${environment.freeze.until}: ${harmless(environment.freeze.because)}`,
      width,
      "  ",
    ))
      lines.push(paint("waiting", line));
  lines.push(...nextLines(environment, width));
  lines.push(...backLines(environment, width));
  lines.push(...lastLines(environment, width, now));
  if (moving) lines.push(paint("running", fit(`  being changed by ${moving}`, width)));
  const names = Math.max(8, ...environment.services.map(({ name }) => textWidth(name)));
  for (const service of environment.services) {
    const { name, ready, desired, replicas, urls, problem } = service;
    const well = ready === desired && problem === null;
    const failing = replicas.find(({ state }) => state === "failed");
    const note = problem ?? failing?.reason?.split("\n")[0] ?? urls[0] ?? "";
    const { chain } = service;
    const count = chain === undefined ? `${ready}/${desired} ready` : chainWords(chain);
    const mark = markOf(well ? "succeeded" : ready > 0 ? "running" : "failed");
    lines.push(
      fit(`  ${mark} ${pad(harmless(name), names)}  ${count}  ${dim(harmless(note))}`, width).trimEnd(),
      ...contractLines(chain, width),
      ...warmLines(service, width, now),
      ...usageLines(service, width),
    );
  }
  return lines;
}

type Chain = NonNullable<EnvironmentShape["services"][number]["chain"]>;

/** On which chain the contracts of a service are, in the place of a count of replicas. */
const chainWords = (chain: Chain | null): string =>
  chain === null
    ? "on no chain yet"
    : `on chain ${[...new Set(chain.contracts.map((one) => one.chain))].join(", ")}, of ${harmless(chain.release)}`;

/** Each contract with its address, whole: addresses are there to be copied. */
function contractLines(chain: Chain | null | undefined, width: number): readonly string[] {
  return (chain?.contracts ?? []).flatMap(({ name, address, implementation }) =>
    wrap(
      `${harmless(name)} at ${harmless(address)}${implementation === null ? "" : `, which leads to ${harmless(implementation)}`}`,
      width,
      "      ",
    ).map(dim),
  );
}

/** What runs on for the way back, which costs memory and makes a rollback instant. */
function warmLines({ warm }: EnvironmentShape["services"][number], width: number, now: number): readonly string[] {
  if (warm === null) return [];
  const minutes = Math.max(0, Math.ceil((Date.parse(warm.until) - now) / 60_000));
  return wrap(`${warm.replicas} of ${warm.release} kept warm for a rollback, ${minutes} min more`, width, "      ").map(
    dim,
  );
}

/** How the last deployment ended, where it did not bring what it was to bring. */
function lastLines({ last }: EnvironmentShape, width: number, now: number): readonly string[] {
  if (last === null) return [];
  const how = `${last.release} ${outcomeWords(last)}, ${ago(last.endedAt, now)}: fairway deployments show ${last.run}`;
  const state = last.restored === false ? "errored" : last.outcome === "superseded" ? "waiting" : "failed";
  return wrap(how, width, "  ").map((line) => paint(state, line));
}

/** Whether it can take the next release; that it runs it already says nothing new. */
function nextLines({ next: { state, sentence } }: EnvironmentShape, width: number): readonly string[] {
  if (state === "current" || state === "nothing") return [];
  const lines = wrap(harmless(sentence), width, "  ");
  return state === "ready" ? lines.map(dim) : lines.map((line) => paint("waiting", line));
}

/** What a rollback left behind: services that run another release, and a release that must not come again. */
function backLines({ current, mixed, quarantine }: EnvironmentShape, width: number): readonly string[] {
  const others = mixed.map(({ service, release }) => `${service} of ${release}`).join(", ");
  return [
    ...(mixed.length === 0 ? [] : wrap(`mixed: ${harmless(others)}, until the next deployment`, width, "  ")),
    ...(quarantine === null
      ? []
      : wrap(
          `${current?.release ?? ""} is in quarantine by ${harmless(quarantine.by)}: ${harmless(quarantine.reason)}`,
          width,
          "  ",
        )),
  ].map(waiting);
}

/** How a service is used, by each release that got requests in the last minute. */
function usageLines({ traffic, maintenance }: EnvironmentShape["services"][number], width: number): readonly string[] {
  const closed =
    maintenance === null ? [] : wrap(`closed for its users: ${harmless(maintenance)}`, width, "    ").map(waiting);
  const used = (traffic ?? []).map(({ release, requestsPerSecond, errors, p99 }) => {
    const failed = `${errors} error${errors === 1 ? "" : "s"}`;
    const line = [
      ...[`    ${release}`, `${requestsPerSecond} requests/s`, errors > 0 ? paint("failed", failed) : failed],
      ...(p99 === null ? [] : [`p99 ${p99} ms`]),
    ].join("  ");
    return dim(fit(line, width));
  });
  return [...closed, ...used];
}

const waiting = (line: string): string => paint("waiting", line);
