import { useInfiniteQuery } from "@tanstack/react-query";
import type { QueryKey } from "@tanstack/react-query";
import { deadline } from "./answers.ts";
import { inTime } from "./in-time.ts";

/** A list that comes in pages. */
export interface Pages<Item> {
  /** All pages that have come, as one answer. */
  readonly question: {
    readonly data: readonly Item[] | undefined;
    readonly error: Error | null;
    readonly refetch: () => unknown;
    readonly isFetching: boolean;
    readonly errorUpdateCount: number;
  };
  /** Whether there may be older ones. */
  readonly hasMore: boolean;
  readonly isComing: boolean;
  readonly more: () => void;
}

/**
 * Asks for a list page by page. The key begins with the operation's name, so that events make it stale as they do single
 * answers. A page that is not full is the last.
 */
export function usePages<Item, Cursor>({
  key,
  size,
  ask,
  cursorOf,
}: {
  readonly key: QueryKey;
  readonly size: number;
  readonly ask: (before: Cursor | undefined, signal: AbortSignal) => Promise<readonly Item[]>;
  readonly cursorOf: (last: Item) => Cursor;
}): Pages<Item> {
  const pages = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) =>
      inTime((wanted) => ask(pageParam as Cursor | undefined, wanted), signal, deadline),
    initialPageParam: undefined as Cursor | undefined,
    getNextPageParam: (page: readonly Item[]) => {
      const last = page.at(-1);
      return page.length < size || last === undefined ? undefined : cursorOf(last);
    },
    placeholderData: (before) => before,
  });
  return {
    question: {
      data: pages.data?.pages.flat(),
      error: pages.error,
      refetch: () => pages.refetch(),
      isFetching: pages.isFetching,
      errorUpdateCount: pages.errorUpdateCount,
    },
    hasMore: pages.hasNextPage,
    isComing: pages.isFetchingNextPage,
    more: () => void pages.fetchNextPage(),
  };
}
