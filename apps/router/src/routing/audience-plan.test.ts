import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { group, route } from "../testing/plane.ts";
import { audiencePlan, type AudiencePlan } from "./audience-plan.ts";

const plan = (share: number, { release = "r2", name = "production/api" } = {}): AudiencePlan => {
  const made = audiencePlan(name, {
    ...route([group("r1", [1], 100 - share), group(release, [2], share)]),
    audience: {
      release: release as never,
      sticky: true,
      match: { headers: { "X-Beta": "yes" }, cookies: { beta: "1" } },
    },
  });
  if (made === null) throw new Error("there is no plan");
  return made;
};
/** As the client sends it back, among others. */
const sentBack = (cookie: string): string =>
  `\r\nHost: shop.test\r\nCookie: a=b; ${cookie.split(";")[0] ?? ""}; session=fairway-0=1`;
const sideOf = (share: number, lines: string): string | undefined => plan(share).sticky?.sideOf(lines);
const cookie = (share: number, side: "new" | "old"): string => plan(share).sticky?.cookieFor(side, true) ?? "";

describe("a client that was given to a release", () => {
  it("keeps to it, and once it met the new one stays with it however much the share grows", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 99 }), fc.integer({ min: 0, max: 99 }), (share, more) => {
        const grown = Math.min(100, share + more);
        expect(sideOf(grown, sentBack(cookie(share, "new")))).toBe("new");
        expect(sideOf(share, sentBack(cookie(share, "old")))).toBe("old");
      }),
    );
  });

  it("is spread evenly: of those who met the old one, a growing share finds as many as it should", () => {
    const met = Array.from({ length: 4000 }, () => sentBack(cookie(10, "old")));
    const moved = met.filter((lines) => sideOf(55, lines) === "new").length;
    expect(moved / met.length).toBeGreaterThan(0.4);
    expect(moved / met.length).toBeLessThan(0.6);
  });

  it("goes back when the new release has no share any more", () =>
    expect(sideOf(0, sentBack(cookie(50, "new")))).toBe("old"));

  it("is dealt out anew by the next release, and by another route", () => {
    const lines = sentBack(cookie(50, "new"));
    expect(plan(50, { release: "r3" }).sticky?.sideOf(lines)).toBeUndefined();
    expect(plan(50, { name: "production/web" }).sticky?.sideOf(lines)).toBeUndefined();
  });

  it("can say nothing else by its cookie", () => {
    const [named = ""] = cookie(50, "new").split(";");
    const [name = "", value = ""] = named.split("=");
    const bound = value.split(".")[0] ?? "";
    for (const forged of [`${name}=`, `${name}=x.1`, `x${name}=${bound}.1`, `${name}=${bound}.`, `${name}=${bound}.1x`])
      expect(sideOf(50, `\r\nCookie: ${forged}`)).toBeUndefined();
    expect(sideOf(50, `\r\nX-Cookie: ${named}`)).toBeUndefined();
    expect(sideOf(50, `\r\nCookie: ${name}=${bound}.99999`)).toBe("old");
  });
});

it("the cookie is kept from scripts and from other sites, and from the clear where there is TLS", () => {
  const sticky = plan(50).sticky;
  expect(sticky?.cookieFor("new", true)).toMatch(
    /^fairway-[0-9a-f]{8}=[0-9a-f]{16}\.\d{1,5}; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax; Secure$/,
  );
  expect(sticky?.cookieFor("old", false)).not.toContain("Secure");
});

describe("what always meets the new release", () => {
  it.each([
    ["\r\nx-beta: yes", true],
    ["\r\nHost: a\r\nX-BETA:yes \r\nAccept: */*", true],
    ["\r\nCookie: beta=1", true],
    ["\r\ncookie: a=b; beta=1; c=d", true],
    ["\r\nX-Beta: Yes", false],
    ["\r\nX-Beta: yes, no", false],
    ["\r\nNot-X-Beta: yes", false],
    ["\r\nCookie: alphabeta=1", false],
    ["\r\nCookie: beta=12", false],
    ["\r\nCookie: Beta=1", false],
    ["\r\nA: x-beta: yes", false],
    ["", false],
  ])("%j: %s", (lines, matches) => expect(plan(1).isMatch(lines)).toBe(matches));

  it("is nothing where nothing was said, and a value is never a pattern", () => {
    const told = (match: object): boolean =>
      audiencePlan("a", { ...route([]), audience: { release: "r2" as never, match } })?.isMatch("\r\nX-A: aa") ?? true;
    expect([told({}), told({ headers: { "X-A": "a*" } }), told({ headers: { "X-A": "." } })]).toEqual([
      false,
      false,
      false,
    ]);
    expect(audiencePlan("a", route([]))).toBeNull();
  });
});
