import type { ProbeRun } from "@fairway/core";
import { addressName } from "@fairway/core";
import { expect, test } from "vitest";
import { lineTrouble, probeAddress, probeRequest } from "./probe-request.ts";

const probe = (given: Partial<ProbeRun>): ProbeRun => ({
  ...{ kind: "probe", url: "https://vendor.example/v1/ping?page_size=1", headers: {}, secret: "KEY", status: 200 },
  timeout: 1000,
  ...given,
});
const asked = (given: Partial<ProbeRun>, key: string) => {
  const one = probe(given);
  return probeRequest(one, probeAddress(one, null), key);
};

test("a key goes into a header, a parameter or a pair of user and password, whatever signs it has", () => {
  const key = "k$&y/+=:ü";
  expect(asked({ query: { api_key: "{{secret}}" } }, key).url.searchParams.get("api_key")).toBe(key);
  expect(asked({ query: { api_key: "{{secret}}" } }, key).url.searchParams.get("page_size")).toBe("1");
  const { headers } = asked({ basic: { user: "{{secret}}", password: "" } }, key);
  expect(Buffer.from(headers.get("authorization")?.slice(6) ?? "", "base64").toString()).toBe(`${key}:`);
  expect(asked({ headers: { "X-Api-Key": "{{secret}}" } }, "k$&y").headers.get("x-api-key")).toBe("k$&y");
});

test("the store has the address of a vendor that differs by environment", () => {
  const one = probe({ url: "{{SUPABASE_URL}}/rest/v1/" });
  expect(addressName(one)).toBe("SUPABASE_URL");
  expect(addressName(probe({}))).toBeNull();
  expect(probeAddress(one, "https://ref.example/\n").href).toBe("https://ref.example/rest/v1/");
});

test("what stands where an address should, and a key that no header holds, is not repeated in what is said of it", () => {
  const trouble = (act: () => unknown): string => {
    try {
      act();
    } catch (thrown) {
      const { message, cause } = thrown as Error;
      return `${message} ${String(cause)}`;
    }
    return "nothing was wrong";
  };
  const one = probe({ url: "{{SUPABASE_URL}}/rest/v1/" });
  for (const value of ["a-whole-key", "postgres://app:a-whole-key@db", "https://app:a-whole-key@db"]) {
    const said = trouble(() => probeAddress(one, value));
    expect(said).toContain("SUPABASE_URL is no address of the web");
    expect(said).not.toContain("a-whole-key");
  }
  const said = trouble(() => asked({ headers: { "X-Api-Key": "{{secret}}" } }, "a-whole\nkey"));
  expect(said).toContain("the value of KEY cannot stand in a header");
  expect(said).not.toContain("a-whole");
});

test("of a line that is cut only the code is told", () => {
  const cause = Object.assign(new Error("http://vendor.example/?api_key=a-key"), { code: "ECONNREFUSED" });
  expect(lineTrouble(new TypeError("fetch failed", { cause }))).toBe("ECONNREFUSED");
  expect(lineTrouble(new DOMException("over", "TimeoutError"))).toBe("the time was over");
  expect(lineTrouble(new TypeError("http://vendor.example/?api_key=a-key"))).toBe("the line was cut");
});
