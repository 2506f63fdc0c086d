/** Where the values of secrets come from. */
export interface SecretSource {
  /**
   * The values of these names for an environment. A name without a value is left out of the answer; the caller says
   * which are missing. Throws when the source could not be read.
   */
  lookUp(environment: string, names: readonly string[]): Promise<Readonly<Record<string, string>>>;
  /**
   * The values of these names as these versions have them, in the words that `versions` has for them. What is not kept by
   * version, or not any more, is given as it is now.
   */
  lookUpAt?(
    environment: string,
    names: readonly string[],
    versions: Readonly<Record<string, string>>,
  ): Promise<Readonly<Record<string, string>>>;
  /**
   * Which version of each would be given now, in words that tell nothing of the value; a name without one is left out.
   * Equal words are the same version. Asks no store outside, so of a reference it says which one, and not what is behind it.
   */
  versions?(environment: string, names: readonly string[]): Promise<Readonly<Record<string, string>>>;
}

/** Stores of secrets that others keep. */
export interface OutsideSecrets {
  /**
   * The value that a reference leads to. Asks anew each time. Throws `secret_missing` when there is none, and
   * `secrets_unavailable` when the store is locked, refuses, or does not answer in time; neither says a value.
   */
  resolve(reference: string): Promise<string>;
}
