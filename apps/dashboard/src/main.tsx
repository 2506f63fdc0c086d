import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider, createRouter } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createQueries } from "./api/answers.ts";
import { daemonUrl } from "./api/client.ts";
import { routeTree } from "./routes.tsx";
import { BrokenPage } from "./shell/broken-page.tsx";
import { NothingHere } from "./shell/nothing-here.tsx";
import "./styles/index.css";

const router = createRouter({
  routeTree,
  basepath: new URL(`${daemonUrl}/`).pathname,
  defaultPreload: "intent",
  scrollRestoration: true,
  defaultErrorComponent: BrokenPage,
  defaultNotFoundComponent: NothingHere,
});

declare module "@tanstack/react-router" {
  interface Register {
    readonly router: typeof router;
  }
}

const place = document.getElementById("root");
if (place !== null)
  createRoot(place).render(
    <StrictMode>
      <QueryClientProvider client={createQueries()}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </StrictMode>,
  );
