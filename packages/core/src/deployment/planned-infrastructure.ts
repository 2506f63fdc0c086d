import { stacksIn } from "../project/project-infrastructure.ts";
import type { Environment, Project } from "../project/project.ts";

/** A stack that a deployment plans, asks about and applies. What that changes is known once it is planned. */
export interface PlannedInfrastructure {
  readonly name: string;
  readonly program: "terraform" | "tofu" | "commands";
  readonly folder: string;
  /** Stacks that are applied before it. */
  readonly after: readonly string[];
  /** How many people must say yes to its plan; one is asked anyway where it takes something away that is guarded. */
  readonly approvals: number;
  /** Before the services move, or once they are back. */
  readonly phase: "before-services" | "after-services";
}

/** The stacks of a deployment, each after those that it needs; none where single services move. */
export const plannedInfrastructure = (
  project: Project,
  { name, approvals }: Pick<Environment, "name" | "approvals">,
  { reason, only }: { readonly reason: string; readonly only?: readonly string[] | undefined },
): readonly PlannedInfrastructure[] =>
  only !== undefined
    ? []
    : stacksIn(project.infrastructure, name).map((stack) => ({
        name: stack.name,
        program: typeof stack.program === "string" ? stack.program : "commands",
        folder: stack.folder,
        after: stack.after,
        approvals: reason === "rollback" ? 0 : approvals,
        phase: reason === "rollback" ? "after-services" : "before-services",
      }));
