import type { FencingToken, HostedLedger, HostedMarks } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { Store, Transaction } from "./store.ts";
import { json } from "./store.ts";

/** What is remembered of services on platforms, in the database. */
export function hostedLedger(store: Store): HostedLedger {
  /** Takes the scope's row for this transaction, so that of two holders the older one is refused, whoever comes first. */
  const fenced = async (token: FencingToken, work: (tx: Transaction) => Promise<unknown>): Promise<void> =>
    store.transaction(async (tx) => {
      const [row] = await tx.rows<{ readonly epoch: string }>(
        `insert into fairway.hosted_services as known (scope, epoch) values ($1, $2)
         on conflict (scope) do update set epoch = greatest(known.epoch, excluded.epoch) returning epoch`,
        [token.scope, token.epoch],
      );
      if (Number(row?.epoch) > token.epoch)
        throw new FairwayError("fenced", `${token.scope} on its platform has a newer holder than ${token.holder}`);
      await work(tx);
    });
  return {
    fence: (token) => fenced(token, async () => undefined),
    async read(scope) {
      const [row] = await store.rows<{ readonly marks: HostedMarks | null }>(
        "select marks from fairway.hosted_services where scope = $1",
        [scope],
      );
      return row?.marks ?? null;
    },
    write: (token, marks) =>
      fenced(token, (tx) =>
        tx.rows("update fairway.hosted_services set marks = $2 where scope = $1", [token.scope, json(marks)]),
      ),
    forget: (token) =>
      fenced(token, (tx) => tx.rows("update fairway.hosted_services set marks = null where scope = $1", [token.scope])),
    async of(environment) {
      const rows = await store.rows<{ readonly scope: string; readonly marks: HostedMarks }>(
        "select scope, marks from fairway.hosted_services where starts_with(scope, $1) and marks is not null order by scope",
        [`${environment}/`],
      );
      return rows.map(({ scope, marks }) => ({ service: scope.slice(environment.length + 1), marks }));
    },
  };
}
