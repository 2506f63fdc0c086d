/** What a deployment would do to the contracts of a service, decoded for whoever approves it. */
export interface PlannedContracts {
  readonly service: string;
  readonly chain: number;
  /** The wallet that is asked, with how many of its owners must sign; null where a key of a test network acts. */
  readonly safe: { readonly address: string; readonly threshold: number; readonly owners: number } | null;
  /** One line for each call, in the order in which they are made. Empty where the chain has it all. */
  readonly calls: readonly string[];
  /** What no way back undoes, as sentences. */
  readonly irreversible: readonly string[];
  /** What its tests take of gas and took in the release that is there, where they differ; left out where nobody measured. */
  readonly gas?: readonly string[] | undefined;
  /** Why it cannot be done, as sentences. */
  readonly obstacles: readonly string[];
}
