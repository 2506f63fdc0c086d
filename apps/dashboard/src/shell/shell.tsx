import { codeOf } from "@fairway/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Outlet, useRouterState } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { Suspense, lazy, useEffect, useRef, useState } from "react";
import { asked } from "../api/answers.ts";
import { askFailedAgain } from "../api/ask-again.ts";
import { keepLive } from "../api/live.ts";
import { Answered, Loading } from "../components/answered.tsx";
import { ConnectionNote } from "./connection-note.tsx";
import { Navigation } from "./navigation.tsx";
import { useShortcuts } from "./shortcuts.ts";

const LoginPage = lazy(() => import("./login-page.tsx").then(({ LoginPage: page }) => ({ default: page })));
const Palette = lazy(() => import("./palette.tsx").then(({ Palette: part }) => ({ default: part })));
const ShortcutSheet = lazy(() => import("./shortcut-sheet.tsx").then(({ ShortcutSheet: part }) => ({ default: part })));
const ProofDialog = lazy(() => import("./proof-dialog.tsx").then(({ ProofDialog: part }) => ({ default: part })));

/** What stands above the page. */
export type Overlay = "palette" | "shortcuts" | "navigation" | null;

/** The frame of every page; the login in its place for those who are not known. */
export function Shell(): ReactElement {
  const queries = useQueryClient();
  const who = useQuery(asked("me", {}));
  useEffect(() => askFailedAgain(queries), [queries]);
  if (who.error !== null && codeOf(who.error) === "unauthenticated")
    return (
      <Suspense>
        <LoginPage />
      </Suspense>
    );
  if (who.data === undefined)
    return (
      <main className="lone" id="main">
        <Answered question={who}>{() => null}</Answered>
      </main>
    );
  return <Frame />;
}

function Frame(): ReactElement {
  const queries = useQueryClient();
  const [overlay, show] = useState<Overlay>(null);
  const close = (): void => show(null);
  useEffect(() => keepLive(queries), [queries]);
  useShortcuts(show);
  useFocusOnNewPage();
  return (
    <div className="frame">
      <a className="skip" href="#main">
        Skip to the page
      </a>
      <Navigation open={overlay === "navigation"} show={show} />
      <main id="main" className="main" tabIndex={-1}>
        <ConnectionNote />
        <Suspense fallback={<Loading rows={6} />}>
          <Outlet />
        </Suspense>
      </main>
      <Suspense>
        {overlay === "palette" ? <Palette onClose={close} /> : null}
        {overlay === "shortcuts" ? <ShortcutSheet onClose={close} /> : null}
        <ProofDialog />
      </Suspense>
    </div>
  );
}

/** Whoever follows a link stands at the heading of the new page, as after a load; the first page is left alone. */
function useFocusOnNewPage(): void {
  const path = useRouterState({ select: ({ resolvedLocation }) => resolvedLocation?.pathname });
  const before = useRef<string | undefined>(undefined);
  useEffect(() => {
    if (before.current !== undefined && path !== before.current)
      document.querySelector<HTMLElement>("main h1")?.focus({ preventScroll: true });
    before.current = path;
  }, [path]);
}
