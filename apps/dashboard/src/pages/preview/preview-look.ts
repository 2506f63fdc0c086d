import type { PreviewShape } from "@fairway/api";
import type { State } from "@fairway/core";

/** How a standing looks, and how it is said. */
export const previewLook: Readonly<
  Record<PreviewShape["standing"], { readonly state: State; readonly words: string }>
> = {
  waiting: { state: "pending", words: "waits for room" },
  asking: { state: "waiting", words: "waits for a yes" },
  building: { state: "running", words: "is being built" },
  deploying: { state: "running", words: "is being deployed" },
  ready: { state: "succeeded", words: "ready" },
  asleep: { state: "pending", words: "asleep" },
  failed: { state: "failed", words: "failed" },
  ending: { state: "running", words: "is being taken away" },
  ended: { state: "aborted", words: "ended" },
};
