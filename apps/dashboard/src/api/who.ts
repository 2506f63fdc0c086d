import type { WhoamiShape } from "@fairway/api";
import type { Permission, Possible, Principal } from "@fairway/core";
import { authorize } from "@fairway/core";
import { useQuery } from "@tanstack/react-query";
import { asked } from "./answers.ts";

/** Who uses the page, in the shape that `authorize` takes. */
const principalOf = ({ id, name, kind, grants, permissions }: WhoamiShape): Principal => ({
  id,
  name,
  kind,
  grants,
  limits: permissions === null ? null : { permissions, projects: null, environments: null },
});

/** What the person who uses the page is called, and what they may do: the same rule, and the same words, as the server's. */
export interface Who {
  readonly name: string;
  /** False where whoever sits at the machine may do everything. */
  readonly login: boolean;
  /** Without an environment: the project as a whole, or what is open to a role in any of its environments. */
  readonly may: (permission: Permission, environment?: string | null) => Possible;
}

/** Who uses the page. Until that is known, nobody may do anything. */
export function useWho(): Who {
  const { data: who } = useQuery(asked("whoami", {}));
  const { data: status } = useQuery(asked("status", {}));
  const project = status?.project ?? "";
  return {
    name: who?.name ?? "",
    login: who?.login ?? true,
    may: (permission, environment) =>
      who === undefined
        ? { possible: false, reason: "it is not known yet who you are" }
        : authorize(principalOf(who), permission, {
            project,
            environment: environment ?? null,
            ...(environment === undefined ? { anywhere: true } : {}),
          }),
  };
}

/** The first of several that says no; yes when none does. */
export const allOf = (...answers: readonly Possible[]): Possible =>
  answers.find((answer) => !answer.possible) ?? { possible: true };
