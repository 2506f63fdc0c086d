export * from "./open-evm.ts";
export type { ContractTargetParts, WantedContracts } from "./contract-target.ts";
export type { KeyService } from "./signing/kms-signer.ts";
