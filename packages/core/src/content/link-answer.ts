/** What somebody elsewhere says of an address that stands in a document. */
export type LinkAnswer =
  /** `after`: how long it asks to be left alone, in milliseconds; null where it does not. */
  | { readonly status: number; readonly after: number | null }
  /** `ENOTFOUND` where the name is nobody's; `refused` where we may not go; anything else is a failure of the way. */
  | { readonly failure: string };
