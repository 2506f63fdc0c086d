import type {
  ContractLedger,
  ContractProposal,
  ContractVersion,
  FencingToken,
  ReleaseId,
  Timestamp,
} from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { Sql, Store, Transaction } from "./store.ts";
import { json } from "./store.ts";

interface VersionRow {
  readonly environment: string;
  readonly service: string;
  readonly version: number;
  readonly release: ReleaseId;
  readonly contracts: ContractVersion["contracts"];
  readonly kept_at: Date;
}

/** A version of the addresses of a service's contracts, with when it was kept. */
export type KeptContracts = ContractVersion & { readonly at: Timestamp };

/** What is remembered of smart contracts, in the database. */
export function contractLedger(store: Store): ContractLedger {
  /** Takes the scope's row for this transaction, so that of two holders the older one is refused, whoever comes first. */
  const fenced = async <Result>(token: FencingToken, work: (tx: Transaction) => Promise<Result>): Promise<Result> =>
    store.transaction(async (tx) => {
      const [row] = await tx.rows<{ readonly epoch: string }>(
        `insert into fairway.contract_fences as known (scope, epoch) values ($1, $2)
         on conflict (scope) do update set epoch = greatest(known.epoch, excluded.epoch) returning epoch`,
        [token.scope, token.epoch],
      );
      if (Number(row?.epoch) > token.epoch)
        throw new FairwayError("fenced", `the contracts of ${token.scope} have a newer holder than ${token.holder}`);
      return work(tx);
    });
  const find = async (sql: Sql, rollout: string, direction: string): Promise<ContractProposal | null> => {
    const [row] = await sql.rows<{ readonly proposal: ContractProposal }>(
      "select proposal from fairway.contract_proposals where rollout = $1 and direction = $2",
      [rollout, direction],
    );
    return row?.proposal ?? null;
  };
  return {
    fence: (token) => fenced(token, async () => undefined),
    proposal: (rollout, direction) => find(store, rollout, direction),
    open: (token, proposal) =>
      fenced(token, async (tx) => {
        if (await isAnothersTurn(tx, proposal)) return null;
        await tx.rows(
          `insert into fairway.contract_proposals as known (rollout, direction, environment, service, proposal)
           values ($1, $2, $3, $4, $5) on conflict (rollout, direction) do update set proposal = excluded.proposal
           where known.proposal->>'outcome' = 'executed'`,
          [proposal.rollout, proposal.direction, proposal.environment, proposal.service, json(proposal)],
        );
        return (await find(tx, proposal.rollout, proposal.direction)) ?? proposal;
      }),
    note: (token, proposal) =>
      fenced(token, async (tx) => {
        await tx.rows("update fairway.contract_proposals set proposal = $3 where rollout = $1 and direction = $2", [
          proposal.rollout,
          proposal.direction,
          json(proposal),
        ]);
      }),
    async neverPosted(environment, service) {
      const rows = await store.rows<{ readonly proposal: ContractProposal }>(
        `select proposal from fairway.contract_proposals
         where environment = $1 and service = $2
           and proposal->>'outcome' = 'withdrawn' and proposal->>'isPosted' = 'false'
         order by opened_at desc limit 50`,
        [environment, service],
      );
      return rows.map(({ proposal }) => proposal);
    },
    versions: (environment, service) => contractVersions(store, environment, service),
    keep: (token, { environment, service, release, contracts }) =>
      fenced(token, async (tx) => {
        const [newest] = await contractVersions(tx, environment, service);
        if (newest?.release === release && json(newest.contracts) === json(contracts)) return;
        await tx.rows(
          `insert into fairway.contract_versions (environment, service, version, release, contracts)
           values ($1, $2, $3, $4, $5)`,
          [environment, service, (newest?.version ?? 0) + 1, release, json(contracts)],
        );
      }),
  };
}

/**
 * Whether another service is about to use the same wallet or account. Whoever asks has its row of turns for the rest of the
 * transaction, so that of two who come at once one sees the other. A turn that nobody ended lapses after an hour: its
 * deployment is long over.
 */
async function isAnothersTurn(
  tx: Transaction,
  { environment, service, chain, from, nonce }: ContractProposal,
): Promise<boolean> {
  const wallet = `${chain}:${from.toLowerCase()}`;
  await tx.rows("select pg_advisory_xact_lock(hashtextextended($1, 0))", [`fairway.contracts/${wallet}`]);
  const others = await tx.rows(
    `select 1 from fairway.contract_proposals
     where concat(proposal->>'chain', ':', lower(proposal->>'from')) = $1 and (environment, service) <> ($2, $3)
       and proposal->>'outcome' is null and opened_at > now() - interval '1 hour'
       and (proposal->>'isPosted' = 'false' or (proposal->>'nonce')::bigint = $4)
     limit 1`,
    [wallet, environment, service, nonce],
  );
  return others.length > 0;
}

/** The versions of the addresses of a service's contracts, newest first. */
export async function contractVersions(
  sql: Sql,
  environment: string,
  service: string,
): Promise<readonly KeptContracts[]> {
  const rows = await sql.rows<VersionRow>(
    `select environment, service, version, release, contracts, kept_at from fairway.contract_versions
     where environment = $1 and service = $2 order by version desc limit 200`,
    [environment, service],
  );
  return rows.map(({ kept_at, ...version }) => ({ ...version, at: kept_at.toISOString() }));
}

/**
 * Services of which something was withdrawn in the last month before it was posted, with the newest release that it was of: it
 * may come to its Safe late.
 */
export async function withdrawnUnposted(
  sql: Sql,
): Promise<readonly { readonly environment: string; readonly service: string; readonly release: ReleaseId }[]> {
  return sql.rows(
    `select distinct on (p.environment, p.service) p.environment, p.service, d.release
     from fairway.contract_proposals p join fairway.deployments d on d.run = split_part(p.rollout, '/', 1)
     where p.proposal->>'outcome' = 'withdrawn' and p.proposal->>'isPosted' = 'false'
       and p.opened_at > now() - interval '30 days'
     order by p.environment, p.service, p.opened_at desc`,
  );
}

/** The services of an environment that have contracts on record. */
export async function servicesWithContracts(sql: Sql, environment: string): Promise<readonly string[]> {
  const rows = await sql.rows<{ readonly service: string }>(
    "select distinct service from fairway.contract_versions where environment = $1 order by service",
    [environment],
  );
  return rows.map(({ service }) => service);
}

/** What was found to differ between the chain and the record, and when it was looked at last. */
export interface ContractDrift {
  readonly environment: string;
  readonly service: string;
  readonly differences: readonly string[];
  readonly at: Timestamp;
}

/**
 * Writes down what a look at the chain found; empty where it is as recorded. Tells of what the look before did not find, and
 * answers with it.
 */
export async function keepContractDrift(
  store: Store,
  { environment, service, differences }: Omit<ContractDrift, "at">,
): Promise<readonly string[]> {
  return store.transaction(async (tx) => {
    const [before] = await tx.rows<{ readonly differences: readonly string[] }>(
      "select differences from fairway.contract_drift where environment = $1 and service = $2 for update",
      [environment, service],
    );
    const [look] = await tx.rows<{ readonly looked_at: Date }>(
      `insert into fairway.contract_drift (environment, service, differences) values ($1, $2, $3)
       on conflict (environment, service) do update set differences = excluded.differences, looked_at = now()
       returning looked_at`,
      [environment, service, json(differences)],
    );
    const fresh = differences.filter((one) => !(before?.differences ?? []).includes(one));
    if (fresh.length > 0)
      tx.emit({
        ...{ kind: "drift.found", subject: environment },
        body: { contracts: service, differences: fresh.slice(0, 20), at: look?.looked_at.toISOString() ?? null },
      });
    return fresh;
  });
}

/** What the last look at each service's contracts found. */
export async function contractDrift(sql: Sql, environment: string): Promise<readonly ContractDrift[]> {
  const rows = await sql.rows<Omit<ContractDrift, "at"> & { readonly looked_at: Date }>(
    "select environment, service, differences, looked_at from fairway.contract_drift where environment = $1 order by service",
    [environment],
  );
  return rows.map(({ looked_at, ...row }) => ({ ...row, at: looked_at.toISOString() }));
}
