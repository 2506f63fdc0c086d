import type { NavigationEntry } from "../root-route.tsx";

/** A page of the navigation with its address. */
export interface PlacedEntry extends NavigationEntry {
  readonly to: string;
}

interface RouteLike {
  readonly fullPath: string;
  readonly options: { readonly staticData?: { readonly navigation?: NavigationEntry } };
}

/** The pages that the navigation shows, in their order, out of all that there are. */
export function navigationEntries(routes: readonly RouteLike[]): readonly PlacedEntry[] {
  return routes
    .flatMap(({ fullPath, options }) =>
      options.staticData?.navigation === undefined ? [] : [{ ...options.staticData.navigation, to: fullPath }],
    )
    .toSorted((one, other) => one.order - other.order);
}

/** The groups of the navigation, with what each is called. */
export const navigationGroups = { deliver: "Deliver", watch: "Watch", prove: "Prove", operate: "Operate" } as const;
