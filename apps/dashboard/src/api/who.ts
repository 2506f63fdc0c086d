import type { MeShape } from "@fairway/api";
import type { Permission, Possible } from "@fairway/core";
import { useQuery } from "@tanstack/react-query";
import { asked } from "./answers.ts";
import { mayOf } from "./may.ts";

/** What the person who uses the page is called, and what they may do: in the server's words, by the server's rule. */
export interface Who {
  readonly name: string;
  /** Nobody logs in: whoever sits at the machine may do everything. */
  readonly singleUser: boolean;
  readonly features: MeShape["features"];
  /** null asks about the project as a whole; without an environment a role in any place is enough. */
  readonly may: (permission: Permission, environment?: string | null) => Possible;
}

/** Who uses the page. Until that is known, nobody may do anything. */
export function useWho(): Who {
  const { data: me } = useQuery(asked("me", {}));
  return {
    name: me?.name ?? "",
    singleUser: me?.singleUser ?? false,
    features: me?.features ?? [],
    may: (permission, environment) => mayOf(me, permission, environment),
  };
}
