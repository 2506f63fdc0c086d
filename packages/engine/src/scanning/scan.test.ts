import { createHash, randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { Header } from "tar";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ZipFile } from "yazl";
import { gzipSync } from "node:zlib";
import { knownValues } from "./known-values.ts";
import { scanFiles } from "./scan-files.ts";
import type { ScanText } from "./scan-text.ts";
import { openScanner } from "./scan-text.ts";

// Every key here is made up while it runs: a file with one in it would be found by the very scanner.

let root: string;
beforeAll(async () => void (root = await mkdtemp(join(tmpdir(), "fairway-scan-"))));
afterAll(() => rm(root, { recursive: true }));

const nameOf = (value: string): string => createHash("sha256").update(value).digest("hex").slice(0, 16);
const letters = (count: number): string =>
  randomBytes(count).toString("base64").replaceAll(/[+/=]/g, "a").slice(0, count);
const hex = (count: number): string => randomBytes(count).toString("hex").slice(0, count);
const upper = (count: number): string =>
  Array.from(randomBytes(count), (byte) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[byte % 32]).join("");
const jwtPart = (what: object): string => Buffer.from(JSON.stringify(what)).toString("base64url");
const scanner = (values: readonly { readonly credential: string; readonly value: string }[] = []): Promise<ScanText> =>
  openScanner({ known: knownValues(values), nameOf });

const kinds: Readonly<Record<string, () => string>> = {
  stripeLive: () => `STRIPE=${"sk_"}live_${letters(24)}`,
  stripeRestricted: () => `key: "${"rk_"}live_${letters(24)}"`,
  stripeWebhook: () => `${"whsec"}_${letters(32)}`,
  supabase: () => `${"sbp"}_${hex(40)}`,
  supabaseSecret: () => `${"sb_"}secret_${letters(30)}`,
  jwt: () => `Authorization: Bearer ${jwtPart({ alg: "HS256" })}.${jwtPart({ role: "service_role" })}.${letters(43)}`,
  awsKeyId: () => `${"AK"}IA${upper(16)}`,
  awsSecret: () => `aws_secret_access_key = ${letters(40)}`,
  rsa: () => `-----BEGIN RSA ${"PRIVATE"} KEY-----\n${letters(64)}`,
  ec: () => `-----BEGIN EC ${"PRIVATE"} KEY-----\n${letters(64)}`,
  pkcs8: () => `-----BEGIN ${"PRIVATE"} KEY-----\n${letters(64)}`,
  address: () => `postgres://app:${letters(20)}@db.internal/app`,
  redis: () => `rediss://:${letters(24)}@cache.internal:6379`,
  datadog: () => `DD_API_KEY=${hex(32)}`,
  datadogApp: () => `datadog_app_key: ${hex(40)}`,
  atlassian: () => `${"ATATT"}3x${letters(40)}`,
  evm: () => `DEPLOYER_PRIVATE_KEY=0x${hex(64)}`,
  kaiko: () => `KAIKO_API_KEY=${letters(32)}`,
  coinMetrics: () => `coinMetricsKey: '${letters(20)}'`,
  github: () => `${"gh"}p_${letters(36)}`,
  githubFine: () => `${"github"}_pat_${letters(60)}`,
  gitlab: () => `${"glpat"}-${letters(20)}`,
  slack: () => `${"xoxb"}-${"1".repeat(12)}-${letters(24)}`,
  slackHook: () => `https://hooks.slack.com/${"services"}/T${upper(8)}/B${upper(8)}/${letters(24)}`,
  npm: () => `${"npm"}_${letters(36)}`,
  google: () => `${"AIza"}${letters(35)}`,
  sendgrid: () => `${"SG"}.${letters(22)}.${letters(43)}`,
  launchdarkly: () => `${"sdk"}-${hex(8)}-${hex(4)}-${hex(4)}-${hex(4)}-${hex(12)}`,
};

test("of keys of 28 kinds at least 95 of a hundred are found, and none is told", async () => {
  const scan = await scanner();
  const missed: string[] = [];
  const seeded = Object.entries(kinds).flatMap(([kind, make]) => [0, 1, 2, 3].map(() => [kind, make()] as const));
  for (const [kind, text] of seeded) {
    const found = await scan("config.txt", `# settings\n${text}\n`);
    if (found.length === 0) missed.push(kind);
    const longest = text.split(/[^A-Za-z0-9]/).toSorted((one, other) => other.length - one.length)[0] ?? "";
    expect(JSON.stringify(found)).not.toContain(longest);
  }
  expect(missed.slice(Math.floor(seeded.length * 0.05))).toEqual([]);
});

test("a known value is found wherever it stands, and called by its name", async () => {
  const values = ["plain-key-0123456789", `odd/${letters(12)}=+x`, `postgresql://u:${letters(16)}@h/db`].map(
    (value, index) => ({
      credential: `credential-${index}`,
      value,
    }),
  );
  const scan = await scanner(values);
  for (const { credential, value } of values) {
    const texts = [
      `x = "${value}"`,
      `Authorization: Basic ${Buffer.from(`user:${value}`).toString("base64")}`,
      `?k=${value}&a=1`,
      `{"log":"first\\n${value}"}`,
      `?next=%3D${value}&a=1`,
    ];
    for (const text of texts)
      expect(await scan("a.log", `first\n${text}\n`)).toContainEqual(
        expect.objectContaining({ rule: "known-value", credential, line: 2 }),
      );
  }
  expect(await scan("a.log", "plain-key-9876543210")).toEqual([]);
});

test("a key across the border of two parts of a large file is found once, with its line", async () => {
  const folder = join(root, "large");
  await mkdir(folder);
  const value = `large-${letters(24)}`;
  const line = `${"a word ".repeat(18)}\n`;
  const before = line.repeat(Math.floor((1024 * 1024 - 10) / line.length));
  await writeFile(join(folder, "large.log"), `${before}${value}\n${line.repeat(20_000)}`);
  await writeFile(join(folder, "binary"), Buffer.concat([Buffer.from([0]), Buffer.from(value)]));
  await writeFile(
    join(folder, "wide.dll"),
    Buffer.concat([Buffer.from([0, 255, 0]), Buffer.from(`a ${value} b`, "utf16le")]),
  );
  const noise = randomBytes(1024 ** 2 - 10);
  await writeFile(join(folder, "packed.gz"), gzipSync(Buffer.concat([noise, Buffer.from(`\0${value}\0`), noise])));
  await writeFile(join(folder, "app.jar"), await zipOf({ "lib/settings.txt": Buffer.from(`key = ${value}`) }));
  await writeFile(join(folder, "broken.gz"), gzipSync(Buffer.from(`\0${value}`)).subarray(0, 20));
  await writeFile(join(folder, "well.bin"), noise);
  const known = knownValues([{ credential: "one", value }]);
  const scan = await openScanner({ known, nameOf });
  const { findings, files, binary, unread } = await scanFiles({ known, nameOf, scan }, folder);
  // What it could not look into it says.
  expect([files, binary, unread]).toEqual([7, 6, 1]);
  const lines = new Set(findings.map((found) => `${found.path}:${found.line}`));
  expect([...lines].toSorted()).toEqual(
    [
      "app.jar!lib/settings.txt:1",
      "binary:1",
      `large.log:${before.split("\n").length}`,
      "packed.gz:1",
      "wide.dll:1",
    ].toSorted(),
  );
  expect(JSON.stringify(findings)).not.toContain(value.slice(6));
});

test("a key in an archive within archives is found three deep, and what lies deeper or is broken is told as unread", async () => {
  const value = `deep-${letters(24)}`;
  const known = knownValues([{ credential: "one", value }]);
  const scan = await openScanner({ known, nameOf });
  const told = async (name: string, bytes: Buffer): Promise<readonly [readonly string[], number | undefined]> => {
    const folder = join(root, `within-${name}`);
    await mkdir(folder);
    await writeFile(join(folder, name), bytes);
    const { findings, unread } = await scanFiles({ known, nameOf, scan }, folder);
    return [findings.map(({ path }) => path), unread];
  };
  const text = Buffer.from(`\0key = ${value}\n`.repeat(9));
  const jar = await zipOf({ "settings.txt": text });
  const war = await zipOf({ "lib/a.jar": jar, "lib/b.tgz": gzipSync(text), "lib/none.txt": Buffer.from("nothing") });
  expect(await told("app.war", war)).toEqual([["app.war!lib/a.jar!settings.txt", "app.war!lib/b.tgz"], 0]);
  expect(await told("war.gz", gzipSync(war))).toEqual([["war.gz!lib/a.jar!settings.txt", "war.gz!lib/b.tgz"], 0]);
  expect(await told("war.gz.gz", gzipSync(gzipSync(war)))).toEqual([[], 1]);
  // What is beside a broken one is looked into.
  const broken = await zipOf({ "a.tgz": gzipSync(text).subarray(0, 20), "b.jar": jar.subarray(0, 40), "c.jar": jar });
  expect(await told("half.zip", broken)).toEqual([["half.zip!c.jar!settings.txt"], 1]);
  // A tar holds things as they are, and what is packed again in it is looked into like the rest.
  const files = { "a.txt": Buffer.from("nothing"), "lib/a.jar": jar, "lib/b.tgz": gzipSync(text) };
  const inTar = ["lib/a.jar!settings.txt", "lib/b.tgz"];
  const found = (name: string): readonly string[] => inTar.map((path) => `${name}!${path}`);
  const whole = tarOf({ ...files, "c.txt": text });
  expect(await told("plain.tar", tarOf({ "c.txt": text }))).toEqual([["plain.tar"], 0]);
  expect(await told("app.tar", whole)).toEqual([[...found("app.tar"), "app.tar"], 0]);
  expect(await told("app.tgz", gzipSync(tarOf(files)))).toEqual([found("app.tgz"), 0]);
  expect(await told("two.tar", tarOf({ "in.tar": tarOf(files) }))).toEqual([found("two.tar!in.tar"), 0]);
  expect(await told("two.zip", await zipOf({ "in.tar": tarOf(files) }))).toEqual([found("two.zip!in.tar"), 0]);
  const four = tarOf({ "3.tar": tarOf({ "2.tar": tarOf({ "1.tar": tarOf(files) }) }) });
  expect(await told("four.tar", four)).toEqual([[], 1]);
  // One that is cut off, within an archive or behind it, is told.
  expect(await told("cut.tar", whole.subarray(0, 700))).toEqual([[], 1]);
  expect(await told("cut.tgz", gzipSync(tarOf(files).subarray(0, 1600)))).toEqual([[], 1]);
  expect(await told("half.tar", tarOf({ "b.jar": jar.subarray(0, 40), "c.jar": jar }))).toEqual([
    ["half.tar!c.jar!settings.txt"],
    1,
  ]);
});

test.each([
  ["bzip2", "BZh91AY&SY"],
  ["xz", "\xfd7zXZ\0"],
  ["Zstandard", "\x28\xb5\x2f\xfd"],
  ["7z", "7z\xbc\xaf\x27\x1c"],
  ["RAR", "Rar!\x1a\x07"],
])("what nobody here unpacks is told as unread, alone and within an archive: %s", async (name, first) => {
  const folder = join(root, `unpacked-${name}`);
  await mkdir(folder);
  // Without a zero byte, as a small one may be.
  const bytes = Buffer.concat([Buffer.from(first, "latin1"), Buffer.alloc(600, "x")]);
  await writeFile(join(folder, "alone"), bytes);
  await writeFile(join(folder, "short"), bytes.subarray(0, first.length));
  await writeFile(join(folder, "in.zip"), await zipOf({ a: bytes }));
  await writeFile(join(folder, "in.tar"), tarOf({ a: bytes }));
  const known = knownValues([{ credential: "one", value: letters(24) }]);
  const scan = await openScanner({ known, nameOf });
  expect(await scanFiles({ known, nameOf, scan }, folder)).toMatchObject({ findings: [], binary: 4, unread: 4 });
});

async function zipOf(files: Readonly<Record<string, Buffer>>): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [path, bytes] of Object.entries(files)) zip.addBuffer(bytes, path);
  zip.end();
  return buffer(zip.outputStream);
}

function tarOf(files: Readonly<Record<string, Buffer>>): Buffer {
  const parts = Object.entries(files).flatMap(([path, bytes]) => {
    const header = Buffer.alloc(512);
    new Header({ path, size: bytes.length, mode: 0o644, type: "File", mtime: new Date(0) }).encode(header, 0);
    return [header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
  });
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}

test("what documentation writes in the place of keys is none", async () => {
  const scan = await scanner();
  const text = [
    "postgres://user:password@host/db",
    "AKIAIOSFODNN7EXAMPLE",
    "sk_live_xxxxxxxxxxxxxxxx",
    "sha256:" + hex(64),
  ];
  expect(await scan("docs.md", text.join("\n"))).toEqual([]);
});

test("what was scanned before makes nothing slower: nothing is kept of it", async () => {
  const scan = await scanner();
  for (let file = 0; file < 20; file++) await scan(`file-${file}.md`, "nothing here");
  expect(performance.getEntriesByType("mark")).toEqual([]);
});
