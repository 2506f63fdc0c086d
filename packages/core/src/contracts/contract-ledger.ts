import type { FencingToken } from "../deployment/fencing.ts";
import type { ReleaseId, RolloutId } from "../ids.ts";

/** What became of a transaction that was proposed or sent. */
export const proposalOutcomes = ["executed", "rejected", "replaced", "reverted", "underpriced", "withdrawn"] as const;

export type ProposalOutcome = (typeof proposalOutcomes)[number];

/** A transaction that owners are asked to sign, or that was sent by a key of a test network. */
export interface ContractProposal {
  readonly rollout: RolloutId;
  readonly environment: string;
  readonly service: string;
  /** There, or the way back of the same rollout. */
  readonly direction: "there" | "back";
  readonly chain: number;
  /** The wallet, or the account of the key. */
  readonly from: string;
  readonly nonce: number;
  /** Of a Safe transaction its EIP-712 hash; of another its own. */
  readonly hash: string;
  /** All that is needed to propose it again, as JSON; it bears no signature of an owner. */
  readonly transaction: string;
  /** What it does, a line for each call. */
  readonly calls: readonly string[];
  /** The block before which it cannot be on chain. */
  readonly sinceBlock: number;
  /** How many owners had signed it at the last look; left out before the first. */
  readonly signatures?: number;
  /** Whether the service, or the node, has it. */
  readonly isPosted: boolean;
  /** The block that has it; null while none has. */
  readonly included: { readonly block: number; readonly hash: string; readonly transaction: string } | null;
  /** How often a block that had it was taken back. */
  readonly reorged: number;
  readonly outcome: ProposalOutcome | null;
}

/** Where a contract of an environment is, and what is there. */
export interface ContractAddress {
  readonly name: string;
  readonly chain: number;
  /** What others call: the proxy, the beacon, or the contract itself. */
  readonly address: string;
  /** What the proxy or beacon leads to; null without. */
  readonly implementation: string | null;
  readonly kind: string;
  /** Keccak-256 of the code that runs, without what its constructor fills in. */
  readonly codeHash: string;
  /**
   * Of its constructor, or that of what it leads to, with addresses in the place of names; left out where nobody wrote them
   * down.
   */
  readonly args?: readonly string[] | undefined;
  /** What the compiler says its sources and settings are; null where it was told to say nothing. */
  readonly metadataHash: string | null;
}

/** The addresses that one deployment left. Each is a version of its own; none is ever changed. */
export interface ContractVersion {
  readonly environment: string;
  readonly service: string;
  /** Counts from 1 in each environment and service. */
  readonly version: number;
  readonly release: ReleaseId;
  readonly contracts: readonly ContractAddress[];
}

/** What is remembered of contracts, so that nothing is proposed twice and a restart forgets nothing. */
export interface ContractLedger {
  /** Shuts out whoever comes with an older token. Safe to repeat. Throws `fenced`. */
  fence(token: FencingToken): Promise<void>;
  /** Null where nothing was proposed. */
  proposal(rollout: RolloutId, direction: ContractProposal["direction"]): Promise<ContractProposal | null>;
  /**
   * Writes one down before it is posted, in the place of one of the same rollout that was executed. Answers with the one that
   * was there where there was one, and with null while it is another service's turn at the same wallet or account: its
   * proposal is not posted yet, or has the same number and no outcome. Throws `fenced`.
   */
  open(token: FencingToken, proposal: ContractProposal): Promise<ContractProposal | null>;
  /** Writes down what is known of it now. Safe to repeat. Throws `fenced`. */
  note(token: FencingToken, proposal: ContractProposal): Promise<void>;
  /**
   * What was withdrawn because nobody had posted it: a worker that stood still in the middle of posting may do so yet. Newest
   * first; the last 50.
   */
  neverPosted(environment: string, service: string): Promise<readonly ContractProposal[]>;
  /** Newest first. */
  versions(environment: string, service: string): Promise<readonly ContractVersion[]>;
  /** A new version where the newest is of another release or says something else. Throws `fenced`. */
  keep(token: FencingToken, version: Omit<ContractVersion, "version">): Promise<void>;
}
