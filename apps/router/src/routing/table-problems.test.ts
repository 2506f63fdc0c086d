import { describe, expect, it } from "vitest";
import { group, route, table } from "../testing/plane.ts";
import { decideWrite } from "./decide-write.ts";
import { checkTable, drainProblems } from "./table-problems.ts";

describe("a routing table", () => {
  it("that is right is taken as it is", () => {
    const good = table({ api: route([group("r1", [1, 2], 0.5)], { internalPath: "" }) });
    expect(checkTable(good)).toEqual({ ok: true, table: good });
    expect(checkTable({ version: 0, routes: {} }).ok).toBe(true);
  });

  it("that is wrong is refused with all its problems", () => {
    const checked = checkTable({
      version: -1,
      routes: {
        a: route([{ ...group("r1", [70_000]), weight: -1 }], { rules: [{ host: "bad host", path: "/" }] }),
        b: route([], { rules: [{ host: "shop.test", path: "x" }], internalPath: "b", epoch: 1.5 }),
        c: route([], { health: { path: "/h z", interval: 0, timeout: Number.NaN } }),
        d: { ...route([]), internalPath: "/d", groups: "none" },
      },
    });
    expect(checked.ok ? [] : checked.problems).toEqual([
      "version -1 is not a whole number from 0",
      'route a: host "bad host" is neither a host name nor "*"',
      'route a: weight -1 of release "r1" is not between 0 and a million',
      "route a: endpoint port 70000 is not between 1 and 65535",
      'route b: path "x" of host shop.test is not a path',
      'route b: internalPath "b" is not a path',
      "route b: epoch 1.5 is not a whole number from 0",
      "route c: internal path /api is taken by route a",
      'route c: health path "/h z" is not a path',
      "route c: health interval 0 is not a number of milliseconds above 0",
      "route c: health timeout null is not a number of milliseconds above 0",
      "route d: */ is taken by route c",
      "route d: groups is not a list",
    ]);
  });

  it("may say how strict a route is, that it is closed, and that it wants TLS", () => {
    const limits = { requestRate: { perSecond: 0.5, burst: 10 }, bodyBytes: 0, headBytes: 4096, answerWithin: 100 };
    const said = { limits, maintenance: { message: "Back at noon", retryAfter: 60 }, httpsOnly: true };
    expect(checkTable(table({ api: route([], said) })).ok).toBe(true);
    const wrong = {
      limits: {
        requestRate: { perSecond: 0, burst: 0.5 },
        bodyBytes: -1,
        headBytes: "1k",
        answerWithin: 0,
        bodyBites: 1,
      },
      maintenance: { message: "", retryAfter: 0 },
      httpsOnly: "yes",
    };
    const checked = checkTable({ version: 0, routes: { api: { ...route([]), ...wrong } } });
    expect(checked.ok ? [] : checked.problems).toEqual([
      'route api: httpsOnly "yes" is neither true nor false',
      "route api: limits has no bodyBites",
      "route api: bodyBytes -1 is not a number of bytes",
      'route api: headBytes "1k" is not a number of bytes',
      "route api: answerWithin 0 is not a number of milliseconds above 0",
      "route api: requestRate perSecond 0 is not between 0.001 and a million",
      "route api: requestRate burst 0.5 is not between 1 and a million",
      'route api: maintenance message "" is empty or longer than 500 characters',
      "route api: maintenance retryAfter 0 is not between 1 second and a week",
    ]);
  });

  it.each([
    null,
    7,
    [],
    "x",
    {},
    { version: 1 },
    { version: 1, routes: [] },
    { version: 1, routes: { a: null } },
    { version: 1, routes: { a: { rules: [null], groups: [{ endpoints: [1] }] } } },
  ])("of any other form is refused and not thrown at: %j", (sent) => expect(checkTable(sent).ok).toBe(false));
});

describe("a write", () => {
  const inForce = table({ api: route([], { epoch: 5 }) }, 3);

  it("of the table that was read takes, and the version grows", () => {
    expect(decideWrite(inForce, inForce)).toEqual({ outcome: "written", version: 4 });
  });

  it("of an older table, or the same once more, is outdated", () => {
    expect(decideWrite(inForce, { ...inForce, version: 2 })).toEqual({ outcome: "outdated", version: 3 });
  });

  it("of a route by an older holder is fenced", () => {
    const older = table({ api: route([], { epoch: 4 }), web: route([], { epoch: 0 }) }, 3);
    expect(decideWrite(inForce, older)).toEqual({ outcome: "fenced", route: "api", epoch: 5 });
  });
});

it("a drain names endpoints and a span", () => {
  expect(drainProblems({ endpoints: [{ replica: "a", host: "127.0.0.1", port: 1 }], within: 0 })).toEqual([]);
  expect(drainProblems({ endpoints: [{}], within: -1 })).toHaveLength(4);
  expect(drainProblems(null)).toHaveLength(2);
});
