export * from "./contract-target.ts";
export { kmsSigner, type KeyService } from "./signing/kms-signer.ts";
export type { ChainSigner } from "./signing/chain-signer.ts";
