export * from "./open-evm.ts";
export type { ContractTargetParts, WantedContracts } from "./open-contracts.ts";
export type { KeyService } from "./signing/kms-signer.ts";
