import { drivenWorld } from "./driven-world.ts";
import { rollingPlatform } from "./rolling-platform.ts";
import { targetSuite } from "./target-suite.ts";

// 25 seeds for each of the bounds that can move: about 2,900 rollouts a kind, half of them with crashes.
const seeds = 25;

targetSuite("driven, quick to start", (setup) => drivenWorld(setup, { readiness: 0.9, crashes: 0.05 }), { seeds });
targetSuite("driven, slow to start", (setup) => drivenWorld(setup, { readiness: 0.3, crashes: 0.05 }), { seeds });
targetSuite(
  "a platform that rolls by itself",
  ({ chance, onChange }) => {
    const platform = rollingPlatform({ getsReady: () => chance() < 0.4, onChange });
    return { ...platform, pass: () => platform.tick(), close: () => undefined };
  },
  { seeds, skips: { late: "its tasks have no moments of their own" } },
);
