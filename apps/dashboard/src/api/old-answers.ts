import { codeOf, messageOf } from "@fairway/core";
import type { QueryClient } from "@tanstack/react-query";
import { notifyManager, useQueryClient } from "@tanstack/react-query";
import { useCallback, useSyncExternalStore } from "react";

/**
 * That a question is none any more is newer than its answer, and pages say so themselves; who is not logged in sees the login.
 */
const isNewer = (thrown: unknown): boolean => ["not_allowed_now", "unauthenticated"].includes(codeOf(thrown) ?? "");

/**
 * Why something that a page shows could not be had anew, so that what it shows is from before; null when all of it is fresh.
 */
function whyOld(queries: QueryClient): string | null {
  const [old] = queries.getQueryCache().findAll({
    type: "active",
    predicate: ({ state: { status, data, error } }) => status === "error" && data !== undefined && !isNewer(error),
  });
  return old === undefined ? null : messageOf(old.state.error);
}

/** The same, kept up to date. */
export function useWhyOld(): string | null {
  const queries = useQueryClient();
  const subscribe = useCallback(
    (changed: () => void) => queries.getQueryCache().subscribe(notifyManager.batchCalls(changed)),
    [queries],
  );
  return useSyncExternalStore(subscribe, () => whyOld(queries));
}
