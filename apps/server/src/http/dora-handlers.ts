import type { DoraShape } from "@fairway/api";
import type { DoraFigures, DoraQuestion, LedgerDeployment } from "@fairway/core";
import { FairwayError, doraOf } from "@fairway/core";
import { openLedgerReader } from "@fairway/engine";
import type { EnvironmentParts } from "../environments.ts";
import type { Handlers } from "./http-server.ts";
import type { ReleaseHandlerParts } from "./release-handlers.ts";

const day = 86_400_000;

/** The figures of software delivery. */
export function doraHandlers({
  store,
  repository,
  project,
}: Pick<EnvironmentParts & ReleaseHandlerParts, "store" | "repository" | "project">): Pick<Handlers, "dora"> {
  const ledger = openLedgerReader(store, repository);
  return {
    dora: async ({ days, env, service = null }) => {
      const { environments } = await project();
      const names = environments.map(({ name }) => name).filter((name) => env === undefined || name === env);
      if (env !== undefined && names.length === 0)
        throw new FairwayError("not_found", `there is no environment "${env}"`);
      const to = Date.now();
      const from = to - days * day;
      // What failed before the window is mended in it, and what is compared with was before too.
      const found = await ledger.since(new Date(from - 2 * days * day));
      return {
        days,
        service,
        from: new Date(from).toISOString(),
        to: new Date(to).toISOString(),
        services: [...new Set(found.flatMap(({ services }) => services))].toSorted(),
        environments: names.map((environment) => figuresOf(found, { environment, service, from, to })),
      };
    },
  };
}

function figuresOf(ledger: readonly LedgerDeployment[], question: DoraQuestion): DoraShape["environments"][number] {
  const { from, to, environment } = question;
  const now = doraOf(ledger, question);
  const before = doraOf(ledger, { ...question, from: from - (to - from), to: from });
  return { environment, ...plain(now), byDay: now.days.map((one) => ({ ...one })), before: plain(before) };
}

const plain = ({ days: _days, ...figures }: DoraFigures): Omit<DoraFigures, "days"> => figures;
