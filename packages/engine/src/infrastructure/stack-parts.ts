import type { Sealer } from "../sealing/sealer.ts";
import type { Store } from "../store/store.ts";
import type { FolderParts } from "./stack-folder.ts";

/** What the stages of infrastructure need. */
export interface StackParts extends FolderParts {
  readonly store: Store;
  readonly sealer: Sealer;
  /** The time, in milliseconds since 1970. */
  readonly now: () => number;
}
