// Installs the Unleash server that a story asks for its flags, into .cache/unleash-server: 190 MB, which is why nothing else
// does. Quick when it is there. `node tools/unleash-server.mjs`
import { installUserTools } from "./install-user-tools.mjs";

// The last that runs on Node 20.
await installUserTools({ script: import.meta.url, node: { "unleash-server": "7.5.1" } });
