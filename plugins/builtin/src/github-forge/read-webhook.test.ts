import { createHmac } from "node:crypto";
import type { DeliveryReading } from "@fairway/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { longestWebhook, readWebhook } from "./read-webhook.ts";

const secret = "it's a secret";
const repository = "acme/shop";
const zeros = "0".repeat(40);
const sha = (letter: string): string => letter.repeat(40);

const push = (over: object = {}): object => ({
  ref: "refs/heads/main",
  before: sha("a"),
  after: sha("b"),
  commits: [],
  head_commit: { message: "Change it" },
  repository: { full_name: "Acme/shop" },
  sender: { login: "dana" },
  ...over,
});
const side = (ref: string, from = repository): object => ({ ref, sha: sha("c"), repo: { full_name: from } });
const pull = (over: object = {}, top: object = {}): object => ({
  action: "opened",
  number: 7,
  pull_request: { state: "open", title: "A change", head: side("topic"), base: side("main"), ...over },
  repository: { full_name: repository },
  sender: { login: "dana" },
  ...top,
});

const bytesOf = (body: unknown): Uint8Array =>
  body instanceof Uint8Array ? body : new TextEncoder().encode(typeof body === "string" ? body : JSON.stringify(body));
const signature = (body: Uint8Array, by = secret): string =>
  `sha256=${createHmac("sha256", by).update(body).digest("hex")}`;

function read(
  event: string,
  content: unknown,
  headers: Readonly<Record<string, string | undefined>> = {},
): DeliveryReading {
  const body = bytesOf(content);
  const given = {
    "content-type": "application/json; charset=utf-8",
    "x-github-event": event,
    "x-github-delivery": "d-1",
    "x-hub-signature-256": signature(body),
    ...headers,
  };
  return readWebhook({ headers: given, body }, { secrets: ["the next one", secret], repository });
}
const said = (reading: DeliveryReading): string =>
  reading.accepted ? `taken: ${reading.event?.name ?? "nothing"}` : `${reading.status} ${reading.why}`;

test("a signed push, tag, deletion and pull request are read as what they are", () => {
  const event = (name: string, body: object): unknown => {
    const reading = read(name, body);
    if (!reading.accepted || reading.event === null) return said(reading);
    const { payload: _payload, ...rest } = reading.event;
    return rest;
  };
  expect(event("push", push())).toEqual({
    kind: "push",
    name: "push",
    by: "dana",
    ref: "refs/heads/main",
    before: sha("a"),
    after: sha("b"),
    message: "Change it",
  });
  expect(event("push", push({ ref: "refs/tags/v1", before: zeros, head_commit: null }))).toMatchObject({
    ref: "refs/tags/v1",
    before: null,
    message: null,
  });
  expect(event("push", push({ after: zeros, deleted: true }))).toMatchObject({ after: null });
  expect(event("pull_request", pull())).toEqual({
    kind: "pull-request",
    name: "pull_request",
    by: "dana",
    action: "opened",
    number: 7,
    title: "A change",
    state: "open",
    head: { ref: "topic", sha: sha("c") },
    base: { ref: "main", sha: sha("c") },
    fromFork: false,
    message: null,
    changedAt: null,
  });
  expect(event("pull_request", pull({ head: side("topic", "mallory/shop") }))).toMatchObject({ fromFork: true });
  expect(event("pull_request", pull({ head: { ...side("topic"), repo: null } }))).toMatchObject({ fromFork: true });
  expect(said(read("ping", { zen: "Keep it simple", hook_id: 1 }))).toBe("taken: nothing");
  expect(said(read("star", { starred_at: null, repository: { full_name: repository } }))).toBe("taken: nothing");
});

test("nothing is read before its sender is known, and only SHA-256 says who it is", () => {
  const body = bytesOf(push());
  const sha1 = `sha1=${createHmac("sha1", secret).update(body).digest("hex")}`;
  for (const given of [
    undefined,
    "",
    "sha256=",
    "sha256=00",
    `sha256=${"0".repeat(64)}`,
    signature(body, "another"),
    signature(body).toUpperCase(),
    `${signature(body)}00`,
    signature(body).replace("sha256", "sha512"),
    sha1,
  ])
    expect([given, said(read("push", push(), { "x-hub-signature-256": given, "x-hub-signature": sha1 }))]).toEqual([
      given,
      expect.stringMatching(/^401 /),
    ]);
  expect(said(read("push", "{", { "x-hub-signature-256": undefined }))).toMatch(/^401 /);
  const off = readWebhook(
    { headers: { "x-hub-signature-256": signature(body, "") }, body },
    { secrets: [], repository },
  );
  expect(said(off)).toMatch(/^404 no webhooks are taken/);
  expect(said(read("push", new Uint8Array(longestWebhook + 1)))).toMatch(/^413 /);
});

test.each([
  ["no JSON", "push", "{", "400 the body is no JSON"],
  ["nothing", "push", "", "400 the body is no JSON"],
  ["no object", "push", [1], "400 the body is no object"],
  ["deep JSON", "push", "[".repeat(100_000), "400 the body is nested deeper than 64 levels"],
  [
    "deep JSON in a body",
    "push",
    JSON.stringify(push()).replace("[]", `${"[".repeat(90)}${"]".repeat(90)}`),
    "400 the body is nested",
  ],
  ["another encoding", "push", Buffer.from(JSON.stringify(push({ x: "ü" })), "latin1"), "400 the body is not UTF-8"],
  ["UTF-16", "push", Buffer.from(JSON.stringify(push()), "utf16le"), "400 "],
  [
    "another repository",
    "push",
    push({ repository: { full_name: "mallory/shop" } }),
    "400 it is of another repository",
  ],
  ["no repository", "push", push({ repository: undefined }), "400 it names no repository"],
  ["a push told as a pull request", "pull_request", push(), "400 a pull_request has pull_request"],
  ["a pull request told as a push", "push", pull(), "400 a push has ref"],
  ["a pull request told as an issue", "issues", pull(), "400 a issues has issue"],
  ["a pull request told as a star", "watch", pull(), "400 a watch has no pull_request"],
  ["a push told as a ping", "ping", push(), "400 it is no ping"],
  ["a review told as a pull request", "pull_request", pull({}, { review: {} }), "400 a pull_request has no review"],
  ["a pull request without a number", "pull_request", pull({}, { number: undefined }), "400 its number is none"],
  ["a new branch told as a push", "push", push({ ref_type: "branch" }), "400 a push has no ref_type"],
  ["a ref that is an option", "push", push({ ref: "--upload-pack=touch pwned" }), "400 its ref"],
  ["a ref that is a program", "push", push({ ref: "ext::sh -c touch% pwned" }), "400 its ref"],
  ["a ref of something else", "push", push({ ref: "refs/notes/x" }), "400 its ref"],
  ["a ref that climbs", "push", push({ ref: "refs/heads/../../x" }), "400 its ref"],
  ["a commit that is a name", "push", push({ after: "main" }), "400 its commits"],
  ["commits that are numbers", "push", push({ after: 7 }), "400 its commits"],
  ["what was deleted and is there", "push", push({ deleted: true }), "400 it was deleted and was not"],
  ["a pull request without a number", "pull_request", pull({}, { number: "7" }), "400 its number"],
  ["a pull request of a branch that is an option", "pull_request", pull({ head: side("-x..y") }), "400 its branches"],
  ["a pull request that is closed and open", "pull_request", pull({}, { action: "closed" }), "400 it was closed"],
])("%s is refused in words that do not quote it", (_what, event, body, answer) => {
  const reading = said(read(event, body));
  expect(reading.startsWith(answer) ? answer : reading).toBe(answer);
  expect(reading).not.toMatch(/pwned|mallory/);
});

test.each([
  ["content-type", "application/x-www-form-urlencoded", "415"],
  ["content-type", undefined, "415"],
  ["x-github-delivery", undefined, "400"],
  ["x-github-delivery", "a\nb", "400"],
  ["x-github-event", undefined, "400"],
  ["x-github-event", "__proto__", "400"],
  ["x-github-event", "PUSH", "400"],
])("a header %s of %s is refused", (name, value, status) => {
  expect(said(read("push", push(), { [name]: value })).slice(0, 3)).toMatch(status);
});

test("keys that change what objects are, are only names", () => {
  const reading = read("push", JSON.stringify(push()).replace("{", '{"__proto__":{"ref":"x"},"constructor":{"a":1},'));
  expect(said(reading)).toBe("taken: push");
  expect(({} as { readonly ref?: string }).ref).toBeUndefined();
});

test("whatever comes with a good signature is answered, and what is taken can be written out again", () => {
  const numRuns = process.env["FAIRWAY_LOAD"] === "full" ? 1_000_000 : 1_500;
  const events = fc.constantFrom(
    "push",
    "pull_request",
    "ping",
    "issues",
    "release",
    "watch",
    "star",
    "create",
    "constructor",
  );
  const valid = fc.constantFrom(push(), pull(), push({ ref: "refs/tags/v1" }), pull({}, { action: "closed" }));
  // A body that holds together but for one part, bytes out of their place, and anything at all.
  const bent = fc
    .tuple(
      valid,
      fc.constantFrom("ref", "after", "before", "repository", "pull_request", "number", "sender"),
      fc.jsonValue({ maxDepth: 3 }),
    )
    .map(([body, key, value]) => JSON.stringify({ ...body, [key]: value }));
  const torn = fc.tuple(valid, fc.nat(), fc.uint8Array({ maxLength: 8 })).map(([body, at, bytes]) => {
    const whole = Buffer.from(JSON.stringify(body));
    const place = at % whole.length;
    return Buffer.concat([whole.subarray(0, place), bytes, whole.subarray(place + bytes.length)]);
  });
  const bodies = fc.oneof(bent, torn, fc.uint8Array({ maxLength: 200 }), fc.json(), fc.string({ unit: "binary" }));
  fc.assert(
    fc.property(events, bodies, (event, body) => {
      const reading = read(event, body);
      expect(reading.accepted ? JSON.stringify(reading.event).length > 0 : reading.why !== "").toBe(true);
    }),
    { numRuns },
  );
}, 3_600_000);
