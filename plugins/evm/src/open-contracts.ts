import { join } from "node:path";
import type {
  ChainPlacement,
  ContractLedger,
  ReleaseId,
  ServiceContracts,
  SignerReference,
  Value,
} from "@fairway/core";
import { FairwayError } from "@fairway/core";
import { getAddress } from "viem";
import { readBuilds } from "./building/build-info.ts";
import type { ChainConnection, Send } from "./chain/chain-connection.ts";
import { connectChain } from "./chain/chain-connection.ts";
import { chainLook } from "./changing/chain-look.ts";
import type { ChangeFacts } from "./changing/planned-changes.ts";
import type { ProposeParts } from "./proposing/propose.ts";
import { safeService } from "./proposing/safe-service.ts";
import type { ChainSigner } from "./signing/chain-signer.ts";
import type { KeyService } from "./signing/kms-signer.ts";
import { kmsSigner } from "./signing/kms-signer.ts";
import { keystoreSigner } from "./signing/keystore-signer.ts";
import type { SendParts } from "./signing/send-changes.ts";

/** What a release wants of a chain, and where its build-info files are. */
export interface WantedContracts {
  readonly service: ServiceContracts;
  readonly placement: ChainPlacement;
  /** The artifact's folder. */
  readonly folder: string;
}

export interface ContractTargetParts {
  readonly environment: string;
  readonly service: string;
  /** Each release as its own configuration says. Throws `not_found`. */
  readonly wantedOf: (release: ReleaseId) => Promise<WantedContracts>;
  readonly ledger: ContractLedger;
  /** The value of a secret of the environment. Throws `secret_missing`. */
  readonly secret: (name: string) => Promise<string>;
  /** A key in a key service; left out where the machine has none. */
  readonly keyService?: (reference: Extract<SignerReference, { kind: "kms" }>) => KeyService;
  /** Asks nodes and Safe services, and refuses with `bad_request` whatever may not be asked; the web's fetch when left out. */
  readonly send?: Send;
  /** The program that forks a chain. */
  readonly anvil?: string;
}

/** A chain, and what a release wants of it. */
export interface Opened extends ChangeFacts {
  readonly chain: ChainConnection;
  readonly signer: (reference: SignerReference) => Promise<ChainSigner>;
}

/** Reads what a release wants, and connects to its chain. */
export async function openContracts(parts: ContractTargetParts, release: ReleaseId): Promise<Opened> {
  const { service, placement, folder } = await parts.wantedOf(release);
  const value = async (given: Value): Promise<string> =>
    typeof given === "string" ? given : parts.secret(given.secret);
  const rpc = await Promise.all(placement.rpc.map(value));
  const chain = await connectChain({ ...placement, rpc }, parts.send);
  const versions = await parts.ledger.versions(parts.environment, parts.service);
  const opened = new Map<string, Promise<ChainSigner>>();
  const signer = (reference: SignerReference): Promise<ChainSigner> => {
    const name = JSON.stringify(reference);
    const found = opened.get(name) ?? openSigner(parts, reference);
    opened.set(name, found);
    return found;
  };
  const by =
    "safe" in placement.by ? getAddress(placement.by.safe.address) : (await signer(placement.by.signer)).address;
  return {
    ...{ chain, service, placement, by, signer },
    builds: await readBuilds(join(folder, service.buildInfo)),
    look: chainLook(chain.client),
    versions,
  };
}

async function openSigner(parts: ContractTargetParts, reference: SignerReference): Promise<ChainSigner> {
  if (reference.kind === "keystore")
    return keystoreSigner(reference.file, await parts.secret(reference.password.secret));
  if (parts.keyService !== undefined) return kmsSigner(parts.keyService(reference));
  throw new FairwayError("key_unusable", "this machine has no key service", { hint: "use a keystore file" });
}

/** With what a Safe of these contracts is asked. */
export async function proposeParts(parts: ContractTargetParts, facts: Opened): Promise<ProposeParts> {
  const { by, multiSend } = facts.placement;
  if (!("safe" in by)) throw new FairwayError("internal", "no Safe is configured");
  const key = by.safe.apiKey === null ? null : await parts.secret(by.safe.apiKey.secret);
  return {
    ...{ chain: facts.chain, ledger: parts.ledger, safe: by.safe, multiSend },
    service: safeService(by.safe.service, key, parts.send),
    proposer: () => facts.signer(by.safe.proposer),
  };
}

/** With what a key of ours changes these contracts. */
export async function sendParts(parts: ContractTargetParts, { chain, placement, signer }: Opened): Promise<SendParts> {
  if (!("signer" in placement.by)) throw new FairwayError("internal", "no key is configured");
  const by = await signer(placement.by.signer);
  return { chain, ledger: parts.ledger, signer: by, confirmations: placement.confirmations };
}
