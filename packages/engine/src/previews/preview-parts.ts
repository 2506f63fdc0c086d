import type { CommitHistory, Forge, Project, ProjectPreviews, Repository } from "@fairway/core";
import type { ControlOptions } from "../control/control.ts";
import type { PreviewDatabases } from "../databases/preview-databases.ts";
import type { ControlPlane } from "../promotions/control-plane.ts";
import type { Places } from "../rollouts/places.ts";
import type { Engine } from "../runs/engine.ts";
import type { Store } from "../store/store.ts";

/** What previews need of the rest. */
export interface PreviewParts {
  readonly store: Store;
  readonly engine: Pick<Engine, "run" | "runs" | "startRun" | "cancel">;
  readonly plane: Pick<ControlPlane, "makeRelease" | "deploy">;
  readonly repository: Repository;
  readonly places: Places;
  /** Null where previews have no databases of Fairway's making. */
  readonly databases: (of: Pick<ProjectPreviews, "database">) => Promise<PreviewDatabases | null>;
  /** Where the repository is kept, and what the main branch says. */
  readonly forge: () => Promise<{ readonly forge: Forge; readonly project: Project | null }>;
  readonly history: () => Promise<CommitHistory>;
  /** The newest configuration, which says what environments there are. */
  readonly project: () => Promise<Project | null>;
  readonly now: () => number;
  readonly log: ControlOptions["log"];
}

/** What the main branch says of previews; null where it says nothing. */
export const previewSettings = async ({ forge }: Pick<PreviewParts, "forge">): Promise<ProjectPreviews | null> =>
  (await forge()).project?.previews ?? null;
