export * from "./open-evm.ts";
export type { ContractTargetParts, WantedContracts } from "./contract-target.ts";
export type { ChainSigner } from "./signing/chain-signer.ts";
