import type { Permission } from "@fairway/core";
import type { z } from "zod";
import type { Address } from "./routes.ts";

/**
 * What a caller must be allowed to do to use a route. `open`: anybody at all, also without a login. `self`: whoever is logged
 * in, about themselves. A route without one keeps the daemon from starting.
 */
export type Access = "open" | "self" | Permission;

/** One operation of the HTTP interface: the server, the CLI and the reference all come from it. */
export interface Route extends Address {
  /** One sentence for the reference. */
  readonly summary: string;
  /**
   * Asked for each environment, and for the environment of each run, that the input names under `environment`,
   * `environments` and `run`; for the project as a whole when it names none.
   */
  readonly access: Access;
  /** When the input names no environment, a role in any of them is enough: for what all of them share. */
  readonly anywhere?: true;
  /** Only for a person who has shown lately who they are, by password or identity provider; not for a token. */
  readonly stepUp?: true;
  /** But for a service token that was made for exactly this permission: whoever made it has shown who they are. */
  readonly machines?: true;
  /** How many bytes a body may have, where that is more than usual. */
  readonly longestBody?: number;
  readonly params: z.ZodObject;
  readonly query: z.ZodObject;
  readonly body: z.ZodObject | null;
  readonly answer: z.ZodType;
  /** `stream` answers with server-sent events, each one `answer`; `file` with the bytes of one, to be kept. */
  readonly kind: "json" | "stream" | "file";
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
