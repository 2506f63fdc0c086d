import type { SqlPlace } from "../reading/place.ts";

/** How one migration ended. A "no" of the database is a value; a throw means that nobody knows. */
export type ApplyEnd =
  | { readonly outcome: "applied"; readonly tries: number }
  | {
      readonly outcome: "failed";
      /**
       * Nothing of it is there; or some of it is and a person must look; or the batches before are whole, and the next try
       * goes on behind them.
       */
      readonly left: "nothing" | "half" | "batches";
      readonly message: string;
      readonly place: SqlPlace | null;
      readonly hint: string | null;
    };

/** PostgreSQL's words with the place in the file. */
export function told(
  thrown: unknown,
  sql: string,
): { readonly message: string; readonly place: SqlPlace | null; readonly hint: string | null } {
  const { message, position, detail, hint } = thrown as {
    readonly message: string;
    readonly position?: string;
    readonly detail?: string;
    readonly hint?: string;
  };
  const before =
    position === undefined
      ? null
      : Array.from(sql)
          .slice(0, Number(position) - 1)
          .join("");
  const place =
    before === null ? null : { line: before.split("\n").length, column: before.length - before.lastIndexOf("\n") };
  return { message: detail === undefined ? message : `${message} (${detail})`, place, hint: hint ?? null };
}
