import { memoryRouter } from "./memory-router.ts";
import { trafficRouterSuite } from "./traffic-router-suite.ts";

trafficRouterSuite("in memory", () => {
  const router = memoryRouter();
  let port = 20_000;
  return {
    router,
    endpoint: (replica) => ({ replica, host: "127.0.0.1", port: port++ }),
    openRequest: ({ replica }) => router.openRequest(replica),
    close: () => undefined,
  };
});
