import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openScanThread } from "@fairway/engine";

export const name = "20 MB of 1,000 files scanned for keys, 500 of them known, 45 planted";
export const goal = { atMost: 5 };

const rounds = Number(process.env.FAIRWAY_BENCH_ROUNDS ?? 3);
const files = 1_000;
const words = "const import export return await value result interface release deployment environment the of and".split(
  " ",
);

const letters = (count) => randomBytes(count).toString("base64").replaceAll(/[+/=]/g, "a").slice(0, count);
const hex = (count) => randomBytes(count).toString("hex").slice(0, count);
const upper = (count) =>
  Array.from(randomBytes(count), (byte) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[byte % 32]).join("");
const part = (what) => Buffer.from(JSON.stringify(what)).toString("base64url");

/** Made up each time: a file with one in it would be found by the very scanner. */
const kinds = [
  () => `STRIPE=${"sk_"}live_${letters(24)}`,
  () => `key: "${"rk_"}live_${letters(24)}"`,
  () => `${"whsec"}_${letters(32)}`,
  () => `${"sbp"}_${hex(40)}`,
  () => `${part({ alg: "HS256" })}.${part({ role: "service_role" })}.${letters(43)}`,
  () => `${"AK"}IA${upper(16)}`,
  () => `aws_secret_access_key = ${letters(40)}`,
  () => `-----BEGIN RSA ${"PRIVATE"} KEY-----`,
  () => `-----BEGIN EC ${"PRIVATE"} KEY-----`,
  () => `postgres://app:${letters(20)}@db.internal/app`,
  () => `DD_API_KEY=${hex(32)}`,
  () => `${"ATATT"}3x${letters(40)}`,
  () => `DEPLOYER_PRIVATE_KEY=0x${hex(64)}`,
  () => `KAIKO_API_KEY=${letters(32)}`,
  () => `coinMetricsKey: '${letters(20)}'`,
  () => `${"gh"}p_${letters(36)}`,
  () => `${"glpat"}-${letters(20)}`,
  () => `${"xoxb"}-${"1".repeat(12)}-${letters(24)}`,
  () => `${"npm"}_${letters(36)}`,
  () => `${"AIza"}${letters(35)}`,
  () => `${"SG"}.${letters(22)}.${letters(43)}`,
  () => `${"sdk"}-${hex(8)}-${hex(4)}-${hex(4)}-${hex(4)}-${hex(12)}`,
];

export async function run() {
  const values = Array.from({ length: 500 }, (_, index) => ({ credential: `c${index}`, value: letters(32) }));
  const known = values.flatMap(({ credential, value }, index) =>
    index % 50 === 0 ? [[credential, index % 100 === 0 ? value : Buffer.from(`user:${value}`).toString("base64")]] : [],
  );
  const planted = Array.from({ length: 45 - known.length }, (_, index) => kinds[index % kinds.length]());
  const root = await mkdtemp(join(tmpdir(), "fairway-bench-"));
  try {
    await mkdir(join(root, "src"));
    const line = () => `${Array.from({ length: 12 }, () => words[randomBytes(1)[0] % words.length]).join(" ")};\n`;
    const blocks = Array.from({ length: 40 }, () => Array.from({ length: 10 }, line).join(""));
    for (let file = 0; file < files; file++) {
      let text = "";
      while (text.length < 20_000) text += blocks[randomBytes(1)[0] % blocks.length];
      await writeFile(join(root, "src", `f${file}.ts`), text);
    }
    for (const [index, key] of planted.entries()) await writeFile(join(root, "src", `key-${index}.ts`), `\n${key}\n`);
    for (const [credential, text] of known)
      await writeFile(join(root, "src", `known-${credential}.ts`), `\n"${text}"\n`);
    const ours = [];
    for (let round = 0; round < rounds; round++) {
      const thread = openScanThread({ values, naming: "bench" });
      const began = performance.now();
      const { findings } = await thread.run({ kind: "tree", root }, { deadline: 120_000 });
      ours.push((performance.now() - began) / 1000);
      await thread.close();
      const paths = new Set(findings.map(({ path }) => path));
      const missed = planted.filter((_, index) => !paths.has(`src/key-${index}.ts`));
      if (missed.length > planted.length * 0.05)
        throw new Error(`${missed.length} of ${planted.length} were not found`);
      const named = new Set(findings.map(({ credential }) => credential));
      if (known.some(([credential]) => !named.has(credential))) throw new Error("a known value was not found");
      const wrong = [...paths].filter((path) => /src\/f\d/.test(path));
      if (wrong.length > 2) throw new Error(`${wrong.length} files are well and were told`);
    }
    return { ours: ours.toSorted((one, other) => one - other)[Math.floor(ours.length / 2)], unit: "s" };
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}
