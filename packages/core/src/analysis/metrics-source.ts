/** Where numbers are asked for that the router does not count. */
export interface MetricsSource {
  /**
   * The one number that a query gives now, or why it gives none, as words for people: no answer in time, an empty answer,
   * several numbers, not a number. Safe to repeat; never throws for what the other side says.
   */
  ask(query: string): Promise<number | string>;
}
