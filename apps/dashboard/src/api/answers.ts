import type { AnswerOf, Calls, Contract, InputOf } from "@fairway/api";
import type { QueryKey, UseMutationResult } from "@tanstack/react-query";
import { QueryClient, useMutation, useQueryClient } from "@tanstack/react-query";
import { isPassing } from "./ask-again.ts";
import { client } from "./client.ts";
import { inTime } from "./in-time.ts";

/** The operations that answer once. */
export type Call = Calls;

/** A question to the daemon, for `useQuery`. Its key begins with the operation's name, which is what events make stale. */
interface Question<Answer> {
  readonly queryKey: QueryKey;
  readonly queryFn: (context: { readonly signal: AbortSignal }) => Promise<Answer>;
}

/** Asks an operation, for `useQuery`. */
export const asked = <Name extends Call>(
  name: Name,
  input: InputOf<Contract[Name]>,
): Question<AnswerOf<Contract[Name]>> => ({
  queryKey: [name, input],
  queryFn: ({ signal }) =>
    inTime((wanted) => client.call(name, input, wanted), signal, slow.includes(name) ? slowDeadline : deadline),
});

/** By when an answer is there or given up, in milliseconds. Far more than any takes on a machine that is busy. */
export const deadline = 60_000;
/** These read every byte of a release, or every entry of the record. */
const slow: readonly Call[] = ["releaseVerification", "auditVerification"];
const slowDeadline = 10 * 60_000;

/** A change, for a button: what it answers is thrown or given, and everything on the page is asked again. */
export function useChange<Name extends Call>(
  name: Name,
): UseMutationResult<AnswerOf<Contract[Name]>, Error, InputOf<Contract[Name]>> {
  const queries = useQueryClient();
  return useMutation<AnswerOf<Contract[Name]>, Error, InputOf<Contract[Name]>>({
    mutationFn: (input) => client.call(name, input),
    onSettled: () => queries.invalidateQueries(),
  });
}

/** Events say what is stale, so that answers stay good for long; only what may come right by itself is asked again. */
export const createQueries = (): QueryClient =>
  new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 20_000,
        retry: (failures, thrown) => failures < 2 && isPassing(thrown),
        networkMode: "always",
      },
      mutations: { networkMode: "always" },
    },
  });
