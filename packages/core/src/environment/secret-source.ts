/** Where the values of secrets come from. */
export interface SecretSource {
  /**
   * The values of these names for an environment. A name without a value is left out of the answer; the caller says
   * which are missing. Throws when the source could not be read.
   */
  lookUp(environment: string, names: readonly string[]): Promise<Readonly<Record<string, string>>>;
}
