import { randomUUID } from "node:crypto";
import { EventEmitter } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import type { Millis, NewAuditEntry } from "@fairway/core";
import type { ClientConfig, PoolClient, PoolConfig, QueryConfig } from "pg";
import { Client, Pool } from "pg";
import { databaseError } from "../database/database-error.ts";
import { areFilesUsedUp } from "../files-used-up.ts";
import type { Signer } from "../provenance/envelope.ts";
import type { Json } from "../runs/stage.ts";
import { appendAudit } from "./audit.ts";
import type { NewEvent } from "./events.ts";
import { recordAndAnnounce } from "./events.ts";
import { namedQuestion } from "./named-question.ts";

/** Asks the database. Values always travel beside the text, never in it. */
export interface Sql {
  rows<Row>(text: string, values?: readonly unknown[]): Promise<readonly Row[]>;
}

/** What one part of Fairway tells the others, in this process and, through the database, in others. */
export interface Signal {
  /**
   * `ready`: jobs can be claimed. `stop`: attempts must end. `advance`: look at a run again. `ended`: a run has. `events`:
   * there are new ones. `flags`: feature flags have changed. `workers`: one has come. `gap`: signals may have been missed.
   */
  readonly kind: "ready" | "stop" | "advance" | "ended" | "events" | "flags" | "workers" | "gap";
  readonly run?: string;
}

/** A transaction: all of it or nothing. What it emits and signals is sent only when it is committed. */
export interface Transaction extends Sql {
  emit(event: NewEvent): void;
  signal(signal: Signal): void;
  /** By `recordAudit`: written with the rest, as the last of it. */
  audit(entry: NewAuditEntry): void;
}

/** Fairway's database, as the functions beside this file use it. */
export interface Store extends Sql {
  readonly pool: Pool;
  /** A connection beside the pool, for listening. */
  connection(): Client;
  transaction<Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result>;
  /** Hears every signal that this process sent. */
  onSignal(listener: (signal: Signal) => void): () => void;
  /** Who we are in what others hear, so that nothing is heard twice. */
  readonly origin: string;
  /** Signs every entry of the audit from now on. */
  signAuditWith(signer: Signer): void;
  close(): Promise<void>;
}

/** A tag for JSON columns. They are `json`, not `jsonb`: what people wrote may hold what `jsonb` refuses, such as \u0000. */
export const json = (value: Json | object | null): string => JSON.stringify(value);

/** Text for a `text` column, which cannot hold a zero character. */
export const text = (value: string): string => value.replaceAll("\0", "\u2400");

/**
 * Opens the database. Connections are made when they are needed, so this does not fail; the first question does, with
 * `database_unavailable` while nobody answers.
 */
export function openStore(config: PoolConfig): Store {
  const pool = new PatientPool({
    max: 16,
    // A caller gets an answer, if only a no: without limits a stopped server is a hang.
    connectionTimeoutMillis: 5_000,
    ...config,
  });
  // What happened to a connection that nobody uses concerns nobody; without this the pool's own event ends the process.
  pool.on("error", () => {});
  const signals = new EventEmitter();
  signals.setMaxListeners(0);
  const origin = randomUUID();
  let auditSigner: Signer | undefined;

  const transaction = async <Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result> => {
    for (let attempt = 1; ; attempt++) {
      try {
        const { result, sent } = await once(pool, origin, () => auditSigner, work);
        for (const signal of sent) signals.emit("signal", signal);
        return result;
      } catch (thrown) {
        // Two transactions wanted the same rows in another order; one of them was chosen to begin again.
        if (attempt >= 5 || !mustBeginAgain(thrown)) throw databaseError("write to the database", thrown);
        await wait(10 * attempt * Math.random());
      }
    }
  };

  return {
    pool,
    origin,
    connection: () => new PatientClient({ connectionTimeoutMillis: 5_000, ...config }),
    transaction,
    signAuditWith: (signer) => void (auditSigner = signer),
    async rows<Row>(query: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
      try {
        return (await pool.query(asked(query, values))).rows as Row[];
      } catch (thrown) {
        throw databaseError("ask the database", thrown);
      }
    },
    onSignal(listener) {
      signals.on("signal", listener);
      return () => void signals.off("signal", listener);
    },
    close: () => pool.end(),
  };
}

/** Only our own questions have a limit: the connection is thrown away after it, which DBOS would not do. */
const asked = (query: string, values: readonly unknown[]): QueryConfig => ({
  text: query,
  values: [...values],
  ...({ query_timeout: 30_000 } as object),
});

/** A process that was frozen in the middle of one holds locks that all others wait for: the server ends it for them. */
const begin = "begin; set local idle_in_transaction_session_timeout = '15s'";

async function once<Result>(
  pool: Pool,
  origin: string,
  auditSigner: () => Signer | undefined,
  work: (tx: Transaction) => Promise<Result>,
): Promise<{ readonly result: Result; readonly sent: readonly Signal[] }> {
  const client = await pool.connect();
  const events: NewEvent[] = [];
  const sent: Signal[] = [];
  const audited: NewAuditEntry[] = [];
  let broken: Error | undefined;
  const onError = (error: Error): void => void (broken = error);
  client.on("error", onError);
  try {
    await client.query(begin);
    const result = await work({
      rows: async <Row>(query: string, values: readonly unknown[] = []) =>
        (await client.query(asked(query, values))).rows as Row[],
      emit: (event) => void events.push(event),
      signal: (signal) => void sent.push(signal),
      audit: (entry) => void audited.push(entry),
    });
    if (events.length > 0) sent.push({ kind: "events" });
    if (sent.length > 0) await recordAndAnnounce(client, origin, events, sent);
    if (audited.length > 0) await appendAudit(client, audited, auditSigner());
    await client.query("commit");
    return { result, sent };
  } catch (thrown) {
    broken ??= await rolledBack(client);
    throw thrown;
  } finally {
    client.off("error", onError);
    client.release(broken);
  }
}

/** Undefined when the connection can be used again. */
async function rolledBack(client: PoolClient): Promise<Error | undefined> {
  try {
    await client.query("rollback");
    return undefined;
  } catch (thrown) {
    return thrown instanceof Error ? thrown : new Error(String(thrown));
  }
}

function mustBeginAgain(thrown: unknown): boolean {
  const code = typeof thrown === "object" && thrown !== null && "code" in thrown ? thrown.code : undefined;
  return code === "40P01" || code === "40001";
}

type Connected = (error: Error | undefined, client: PoolClient | undefined, done: (release?: unknown) => void) => void;

/**
 * DBOS shares this pool and waits for a database that is away, but knows only some of the ways in which that shows: a
 * missing unix socket or a broken pipe, which is what a killed embedded server looks like, it takes for the workflow's
 * own fault. So it is told in words that it knows.
 */
class PatientPool extends Pool {
  constructor(config: PoolConfig) {
    super({ ...config, Client: PatientClient });
  }

  override connect(): Promise<PoolClient>;
  override connect(callback: Connected): void;
  override connect(callback?: Connected): Promise<PoolClient> | void {
    if (callback === undefined) return super.connect().catch((thrown: unknown) => Promise.reject(inKnownWords(thrown)));
    super.connect((error, client, done) => callback(error && inKnownWords(error), client, done));
  }
}

class PatientClient extends Client {
  constructor(config?: ClientConfig) {
    super(config);
    // A server that is killed says last words on every connection, and says them also between a checkout and its first
    // question, or after a broken connection was given back. Who asked something is told by the answer; an event that
    // nobody hears would end the process.
    this.on("error", () => {});
  }

  // The many forms of `query` have no common type.
  override query = ((...asked: unknown[]): unknown => {
    const given = namedQuestion(asked);
    const ask = Client.prototype.query as (...given: unknown[]) => unknown;
    const callback = given.at(-1);
    if (typeof callback === "function")
      return ask.call(this, ...given.slice(0, -1), (error: unknown, result: unknown) =>
        callback(error ? inKnownWords(error) : error, result),
      );
    const answer = ask.call(this, ...given);
    return answer instanceof Promise ? answer.catch((thrown: unknown) => Promise.reject(inKnownWords(thrown))) : answer;
  }) as Client["query"];
}

function inKnownWords(thrown: unknown): Error {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const code = "code" in error ? error.code : undefined;
  const isUnknownToDbos =
    code === "ENOENT" || code === "EPIPE" || areFilesUsedUp(error) || error.message === "Query read timeout";
  return isUnknownToDbos ? Object.assign(error, { code: "ECONNRESET" }) : error;
}

/** Runs something again while the database is away or full, until it succeeds or `signal` fires. */
export async function untilAnswered<Result>(work: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
  for (let pause: Millis = 50; ; pause = Math.min(pause * 2, 2_000)) {
    try {
      return await work();
    } catch (thrown) {
      const error = databaseError("ask the database", thrown);
      if (!error.retryable || signal.aborted) throw error;
      await wait(pause, undefined, { signal }).catch(() => Promise.reject(error));
    }
  }
}
