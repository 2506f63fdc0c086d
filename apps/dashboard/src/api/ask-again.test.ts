import { FairwayError } from "@fairway/core";
import type { QueryFunction } from "@tanstack/react-query";
import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { expect, onTestFinished, test } from "vitest";
import { askFailedAgain } from "./ask-again.ts";

/** A page that shows the answer of a question, until it has come or failed `failures` times. */
function shown(queries: QueryClient, queryFn: QueryFunction, until: (state: string) => boolean): Promise<string> {
  const observer = new QueryObserver(queries, { queryKey: ["run"], queryFn, retry: false });
  return new Promise((resolve) => {
    onTestFinished(
      observer.subscribe(({ status }) => {
        if (until(status)) resolve(status);
      }),
    );
  });
}

test("a question that failed for a passing reason is asked until it is answered", async () => {
  const queries = new QueryClient();
  onTestFinished(askFailedAgain(queries, 1));
  let asked = 0;
  const status = await shown(
    queries,
    () => {
      if (++asked < 4) throw new FairwayError("database_unavailable", "the database starts", { retryable: true });
      return "run-7";
    },
    (now) => now === "success",
  );
  expect([status, asked]).toEqual(["success", 4]);
});

test("one that failed for good is left to a person, and one that nobody looks at is not asked", async () => {
  const queries = new QueryClient();
  let asked = 0;
  const refuse = (): never => {
    asked++;
    throw new FairwayError("not_found", "there is no run-7");
  };
  await shown(queries, refuse, (now) => now === "error");
  await queries
    .fetchQuery({
      queryKey: ["left"],
      queryFn: () => {
        throw new FairwayError("database_unavailable", "the database starts", { retryable: true });
      },
    })
    .catch(() => undefined);
  let rounds = 0;
  const watched = new QueryClient();
  onTestFinished(askFailedAgain(queries, 1));
  onTestFinished(askFailedAgain(watched, 1));
  // As many rounds of another page as say that there were some of this one.
  await shown(
    watched,
    () => {
      if (++rounds < 5) throw new FairwayError("database_unavailable", "the database starts", { retryable: true });
      return "there";
    },
    (now) => now === "success",
  );
  expect(asked).toBe(1);
  expect(queries.getQueryState(["left"])?.errorUpdateCount).toBe(1);
});
