import type { Digest } from "../ids.ts";

/**
 * What a change of a schema asks of the programs that use it.
 *
 * *expand*: programs written for the schema before go on as they were. *contract*: they may fail, so it comes after the last
 * of them has ended. *data*: rows change, the schema does not. *irreversible*: like *contract*, and what is lost cannot be
 * brought back by another migration. *unknown*: nobody can tell by looking, so its author says it in a comment.
 */
export type MigrationClass = "expand" | "contract" | "data" | "irreversible" | "unknown";

/** One migration of a service, as its folder has it. */
export interface Migration {
  /** As the tool that wrote it names it: a revision, a folder, a version. */
  readonly id: string;
  /** For people; the file's name without what orders it. */
  readonly title: string;
  /** Relative to the repository, with `/`. */
  readonly file: string;
  /** Of its bytes: a migration that was applied is never changed. */
  readonly checksum: Digest;
  readonly class: MigrationClass;
  /** Why it has this class, a sentence for each statement that made it so. */
  readonly reasons: readonly string[];
  /** Whether it brings its own way back. */
  readonly reversible: boolean;
}

const rank = { expand: 0, data: 1, contract: 2, irreversible: 3, unknown: 4 } as const satisfies Record<
  MigrationClass,
  number
>;

/** The class of what is done together: the one that asks most. Nothing at all is an expansion. */
export const widestClass = (classes: readonly MigrationClass[]): MigrationClass =>
  classes.reduce((widest, one) => (rank[one] > rank[widest] ? one : widest), "expand");

/** When a migration may run: while the release before still answers, or only after it has ended. */
export const phaseOf = (of: MigrationClass): "before-rollout" | "after-rollout" | "ask" => {
  switch (of) {
    case "expand":
    case "data":
      return "before-rollout";
    case "contract":
    case "irreversible":
      return "after-rollout";
    case "unknown":
      return "ask";
  }
};
