import type { z } from "zod";
import type { Address } from "./routes.ts";

/** What a caller must be allowed to do to use a route. A route without one does not exist. */
export type Access = "read" | "change" | "operate";

/** One operation of the HTTP interface: the server, the CLI and the reference all come from it. */
export interface Route extends Address {
  /** One sentence for the reference. */
  readonly summary: string;
  readonly access: Access;
  readonly params: z.ZodObject;
  readonly query: z.ZodObject;
  readonly body: z.ZodObject | null;
  readonly answer: z.ZodType;
  /** `stream` answers with server-sent events, each one `answer`. */
  readonly kind: "json" | "stream";
}

/** The fields of an object; an object without any adds nothing, and forbids nothing. */
type Fields<Value> = string extends keyof Value ? unknown : Value;

/** What a caller gives to a route: parameters, query and body in one object, whose names never clash. */
export type InputOf<R extends Route> = Fields<z.input<R["params"]>> &
  Fields<z.input<R["query"]>> &
  (R["body"] extends z.ZodObject ? Fields<z.input<R["body"]>> : unknown);

/** The same as the server sees it, with defaults filled in. */
export type ParsedInputOf<R extends Route> = Fields<z.output<R["params"]>> &
  Fields<z.output<R["query"]>> &
  (R["body"] extends z.ZodObject ? Fields<z.output<R["body"]>> : unknown);

export type AnswerOf<R extends Route> = z.output<R["answer"]>;
