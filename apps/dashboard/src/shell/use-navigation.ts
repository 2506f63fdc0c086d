import { useRouter } from "@tanstack/react-router";
import { useMemo } from "react";
import type { PlacedEntry } from "./navigation-entries.ts";
import { navigationEntries } from "./navigation-entries.ts";

/** The pages of the navigation, in their order. */
export function useNavigationEntries(): readonly PlacedEntry[] {
  const router = useRouter();
  return useMemo(() => navigationEntries(Object.values(router.routesById)), [router]);
}
