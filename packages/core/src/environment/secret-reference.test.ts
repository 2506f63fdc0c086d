import { expect, test } from "vitest";
import { readSecretReference } from "./secret-reference.ts";

test.each([
  [
    "vault:secret/shop/api#password",
    { store: "vault", mount: "secret", path: "shop/api", field: "password", version: null },
  ],
  ["vault:kv/db#url?version=4", { store: "vault", mount: "kv", path: "db", field: "url", version: 4 }],
  ["aws:prod/db", { store: "aws", id: "prod/db", field: null }],
  ["aws:prod/db?version=v-1", { store: "aws", id: "prod/db", field: null, version: "v-1" }],
  ["aws:prod/db#user?version=v-1", { store: "aws", id: "prod/db", field: "user", version: "v-1" }],
  ["aws:prod/db#what?", { store: "aws", id: "prod/db", field: "what?" }],
  [
    "aws:arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/db-AbCdEf#password",
    { store: "aws", id: "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/db-AbCdEf", field: "password" },
  ],
  ["op://shop/db/password", { store: "op", reference: "op://shop/db/password" }],
  ["file:/etc/shop/app.env#TOKEN", { store: "file", path: "/etc/shop/app.env", name: "TOKEN" }],
  ['command:["pass","show","shop/db"]', { store: "command", argv: ["pass", "show", "shop/db"] }],
])("%s is understood", (text, reference) => {
  expect(readSecretReference(text)).toEqual({ ok: true, reference });
});

test.each([
  "",
  "password",
  "https://vault/secret",
  "vault:secret",
  "vault:secret/api",
  "vault:secret/../sys#x",
  "vault:secret//api#x",
  "vault:secret/api#x?version=0",
  "aws:",
  "aws:--endpoint-url=http://evil",
  "aws:a b",
  "op://vault/item",
  "file:relative.env#TOKEN",
  "file:/app.env",
  "command:rm -rf /",
  "command:[]",
  'command:[""]',
  'command:["a",1]',
  'command:["a\\u0000"]',
  "vault:secret/a\npi#x",
])("%j is refused with how it is written", (text) => {
  expect(readSecretReference(text)).toMatchObject({
    ok: false,
    hint: expect.stringContaining("vault:MOUNT/PATH#FIELD"),
  });
});
