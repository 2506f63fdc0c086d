import type { Forge, ProjectForge, ReportReceipt, RunId } from "@fairway/core";
import { codeOf, messageOf } from "@fairway/core";
import type { ControlOptions } from "../control/control.ts";
import type { Engine, RunDetail } from "../runs/engine.ts";
import { recordChange } from "../store/audit.ts";
import { eventsAfter, latestEvent } from "../store/events.ts";
import { droppedReports, keepReport, noteReceipt, openReports, retryReports } from "../store/forge-reports.ts";
import { keepSetting, setting } from "../store/settings.ts";
import { previewByName } from "../store/previews.ts";
import type { Sql, Store } from "../store/store.ts";
import { reportsOfDisclosures } from "./reports-of-disclosures.ts";
import { reportsOfPreview } from "./reports-of-preview.ts";
import type { KeyedReport } from "./reports-of-run.ts";
import { reportsOfRun } from "./reports-of-run.ts";

export interface ForgeReportsParts {
  readonly store: Store;
  readonly engine: Pick<Engine, "run">;
  readonly log: ControlOptions["log"];
  readonly forge: () => Promise<{ readonly config: ProjectForge | null; readonly forge: Forge }>;
}

/** What forges are told of runs and deployments. One that is away stops nothing: it is told when it is back. */
export interface ForgeReports {
  /** Writes down what is to be told of what has happened since the last time. Done again and again. */
  collect(): Promise<void>;
  /** Tells what is to be told. Done again and again. */
  tell(): Promise<void>;
  /** What a forge will never be told unless somebody does something, as sentences. */
  problems(): Promise<readonly string[]>;
  /** Tells again what was given up. Answers with how many. */
  retry(): Promise<number>;
}

async function previewReports(sql: Sql, name: string, takes: Forge["takes"]): Promise<readonly KeyedReport[]> {
  const preview = await previewByName(sql, name);
  const found = preview === null ? [] : await reportsOfPreview(sql, preview);
  return found.filter(({ report }) => takes.has(report.kind));
}

/** A run that is not there any more is nothing to tell of. */
const runOrNull = (engine: ForgeReportsParts["engine"], id: RunId): Promise<RunDetail | null> =>
  engine.run(id).catch((thrown: unknown) => {
    if (codeOf(thrown) === "not_found") return null;
    throw thrown;
  });

const place = "forge.reported";
const concerns = new Set(["run.created", "run.changed", "deployment.changed"]);

export function forgeReports({ store, engine, forge, log }: ForgeReportsParts): ForgeReports {
  return {
    async collect() {
      const { forge: to, config } = await forge();
      if (to.takes.size === 0) return;
      const since = await setting(store, place);
      // Of what was before there was a forge nobody tells it.
      if (typeof since !== "number") return keepSetting(store, place, await latestEvent(store));
      const events = await eventsAfter(store, since);
      const last = events.at(-1);
      if (last === undefined) return;
      const runs = new Set(events.filter(({ kind }) => concerns.has(kind)).map(({ subject }) => subject as RunId));
      const settings = { takes: to.takes, releases: config?.kind === "github" && config.releases };
      const reports = await Promise.all(
        [...runs].map(async (id) => {
          const run = await runOrNull(engine, id);
          return run === null ? [] : reportsOfRun(store, run, settings);
        }),
      );
      const previews = new Set(events.filter(({ kind }) => kind === "preview.changed").map(({ subject }) => subject));
      for (const name of previews) reports.push(await previewReports(store, name, settings.takes));
      const shown = new Set(events.filter(({ kind }) => kind === "disclosures.changed").map(({ subject }) => subject));
      const takesOne = to.takes.has("check-run") || to.takes.has("status");
      for (const sha of takesOne ? shown : []) reports.push(await reportsOfDisclosures(store, sha, to.takes));
      // What is to be told and how far it was looked, or neither.
      await store.transaction(async (tx) => {
        for (const { key, report } of reports.flat()) await keepReport(tx, to.name, key, report);
        await keepSetting(tx, place, last.seq);
      });
    },

    async tell() {
      const { forge: to } = await forge();
      if (to.takes.size === 0) return;
      for (const open of await openReports(store, to.name)) {
        const receipt = await to
          .report(open.report, open.remoteId, open.key)
          .catch((thrown: unknown): ReportReceipt => ({ outcome: "later", why: messageOf(thrown), after: null }));
        await noteReceipt(store, open, receipt);
        if (receipt.outcome === "refused") log("warn", `${to.name} was not told of ${open.key}: ${receipt.why}`);
        // A pause is for all of them.
        if (receipt.outcome === "later" && receipt.after !== null) return;
      }
    },

    problems: async () =>
      (await droppedReports(store)).map(
        ({ forge: to, count, why }) =>
          `${to} was not told ${count === 1 ? "something" : `${count} things`} of releases and deployments: ${why}; mend that, then: fairway notices retry`,
      ),
    retry: () =>
      store.transaction(async (tx) => {
        const retried = await retryReports(tx);
        if (retried > 0)
          recordChange(tx, "notices.retried", { subject: "forge", environment: null, detail: { retried } });
        return retried;
      }),
  };
}
