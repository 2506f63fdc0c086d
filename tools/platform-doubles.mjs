// Installs what the tests of Vercel and Netlify ask besides our own doubles, into .cache/platform-doubles: Vercel's own
// program, Prism, which answers by a platform's own description, and WireMock, which answers in the order that it was told.
// Quick when it is there. `node tools/platform-doubles.mjs`
import { installUserTools } from "./install-user-tools.mjs";

await installUserTools({
  script: import.meta.url,
  node: { vercel: "60.1.3", "@stoplight/prism-cli": "5.16.0", wiremock: "3.13.2" },
});
