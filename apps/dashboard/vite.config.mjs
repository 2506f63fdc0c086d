// How the dashboard becomes files: no inline script or style, which its content security policy forbids, and addresses that
// are relative to the page's <base>, so that it works behind a path prefix.

import { defineConfig } from "vite";

// oxlint-disable-next-line import/no-default-export -- what Vite reads.
export default defineConfig({
  root: import.meta.dirname,
  base: "./",
  resolve: { conditions: ["@fairway/source", "module", "browser", "production"] },
  build: {
    outDir: "dist/app",
    emptyOutDir: true,
    target: "es2023",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    rolldownOptions: {
      // "use client" is for servers that render, of which there is none.
      onLog: (level, log, tell) => (log.code === "MODULE_LEVEL_DIRECTIVE" ? undefined : tell(level, log)),
    },
  },
});
