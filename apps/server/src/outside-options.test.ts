import { describe, expect, test } from "vitest";
import { outsideFlags, outsideOptions, placeOf } from "./outside-options.ts";

const whole = {
  listen: "0.0.0.0:7443",
  publicUrl: "https://fairway.example.com",
  tlsCert: "/etc/fairway/cert.pem",
  tlsKey: "/etc/fairway/key.pem",
};

const codeOf = (work: () => unknown): unknown => {
  try {
    work();
    return null;
  } catch (thrown) {
    return (thrown as { readonly code?: unknown }).code;
  }
};

test("what was told once is as it was, until it is taken away", () => {
  expect(outsideOptions({}, whole)).toEqual(whole);
  expect(outsideOptions({ listen: "none", tlsCert: "none", tlsKey: "none" }, whole)).toEqual({
    publicUrl: whole.publicUrl,
  });
  expect(outsideFlags(outsideOptions({}, { publicUrl: whole.publicUrl }))).toEqual([
    ["--public-url", "https://fairway.example.com"],
  ]);
});

describe("a daemon refuses to listen", () => {
  test.each([
    ["without saying how people reach it", { listen: "0.0.0.0:7443" }],
    ["where passwords would travel in the clear", { listen: "0.0.0.0:7443", publicUrl: "http://fairway.example.com" }],
    ["in the clear behind a proxy, too", { publicUrl: "http://fairway.example.com" }],
  ])("%s", (_why, written) => {
    expect(codeOf(() => outsideOptions(written, {}))).toBe("refused_listen");
  });
});

test.each([
  ["a certificate without its key", { ...whole, tlsKey: undefined }],
  ["a certificate for nothing", { ...whole, listen: undefined }],
  ["an identity provider that sends people nowhere", { oidc: "/etc/fairway/oidc.json" }],
  ["a public address with a path", { publicUrl: "https://example.com/fairway" }],
  ["a public address that is none", { publicUrl: "fairway.example.com" }],
  ["a place without a port", { ...whole, listen: "0.0.0.0" }],
  ["a port that is none", { ...whole, listen: "0.0.0.0:70000" }],
])("%s makes no sense", (_what, written) => {
  expect(codeOf(() => outsideOptions(written, {}))).toBe("bad_request");
});

test("IPv6 addresses stand in brackets", () => {
  expect(placeOf("[::]:7443")).toEqual({ host: "::", port: 7443 });
});
