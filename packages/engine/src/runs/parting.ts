/**
 * What becomes of what attempts began, commands and services, when their engine closes. What ends with it begins anew with
 * the next, and has its whole time again; for what goes on the time goes on too.
 */
export type Parting = "the rest goes on" | "all ends";
