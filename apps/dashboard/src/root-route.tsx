import { createRootRoute } from "@tanstack/react-router";
import { NothingHere } from "./shell/nothing-here.tsx";
import { Shell } from "./shell/shell.tsx";

/** Where a page stands in the navigation. */
export interface NavigationEntry {
  readonly label: string;
  /** `prove` is for duties, their evidence and readiness; a group without a page is not shown. */
  readonly group: "deliver" | "watch" | "operate" | "prove";
  /** Pressed after `g`; none when left out. */
  readonly key?: string;
  /** Lower ones first. */
  readonly order: number;
}

declare module "@tanstack/react-router" {
  interface StaticDataRouteOption {
    /** Left out by pages that are reached from others. */
    readonly navigation?: NavigationEntry;
  }
}

/** What all pages lie in. */
export const rootRoute = createRootRoute({ component: Shell, notFoundComponent: NothingHere });
