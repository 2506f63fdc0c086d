/** A kind of key that is told by its look. */
export interface SecretPattern {
  readonly rule: string;
  /** With the flag `g`; what the group `key` matches is the key, or all of it without one. */
  readonly pattern: RegExp;
}

/** Between the name of a key and its value, as files of every kind have it. */
const is = String.raw`["']?\s{0,3}(?:[:=]|=>)\s{0,3}["']?`;
const named = (names: string, value: string): RegExp =>
  new RegExp(`(?:${names})[\\w.-]{0,20}${is}(?<key>${value})(?![\\w/+-])`, "gi");

/**
 * What `@secretlint`'s rules leave out: the vendors of the kind of project that Fairway releases, and keys without a name
 * beside them.
 */
export const secretPatterns: readonly SecretPattern[] = [
  { rule: "stripe", pattern: /\b[sr]k_(?:live|test)_[0-9A-Za-z]{16,}/g },
  { rule: "stripe-webhook", pattern: /\bwhsec_[0-9A-Za-z+/=]{24,}/g },
  { rule: "supabase", pattern: /\b(?:sbp_[0-9a-f]{40}|sb_secret_[A-Za-z0-9_-]{20,})/g },
  { rule: "jwt", pattern: /\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{20,}/g },
  { rule: "aws-key-id", pattern: /\b(?:AKIA|ASIA)[A-Z2-7]{16}\b/g },
  { rule: "aws-secret-key", pattern: named("aws_?secret|secret_?access_?key", "[A-Za-z0-9/+]{40}") },
  { rule: "private-key", pattern: /-----BEGIN (?:[A-Z]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----/g },
  { rule: "age", pattern: /\bAGE-SECRET-KEY-1[0-9A-Z]{50,}/g },
  {
    rule: "password-in-address",
    pattern: /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:@/'"<>$\\{}`]{0,60}:(?<key>[^\s:@/'"<>$\\{}`*]{8,100})@[\w.-]/gi,
  },
  { rule: "datadog", pattern: named("datadog|dd_(?:api|app)", "[0-9a-f]{32}(?:[0-9a-f]{8})?") },
  { rule: "atlassian", pattern: /\bATATT3[A-Za-z0-9_=-]{20,}/g },
  { rule: "evm-key", pattern: named("private_?key|deployer|signer", "(?:0x)?[0-9a-f]{64}") },
  { rule: "market-data", pattern: named("kaiko|coin_?metrics", "[0-9A-Za-z_-]{16,64}") },
  { rule: "intercom", pattern: named("intercom", "[0-9A-Za-z_=-]{30,}") },
  { rule: "vercel", pattern: named("vercel_?token", "[0-9A-Za-z]{24}") },
  { rule: "netlify", pattern: /\bnfp_[0-9A-Za-z]{30,}/g },
  {
    rule: "launchdarkly",
    pattern: /\b(?:sdk|api|mob)-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g,
  },
  { rule: "github", pattern: /\b(?:gh[pousr]_[0-9A-Za-z]{36,}|github_pat_[0-9A-Za-z_]{40,})/g },
  { rule: "gitlab", pattern: /\bglpat-[0-9A-Za-z_-]{20,}/g },
  { rule: "slack", pattern: /\bxox[abeoprs]-[0-9A-Za-z-]{20,}/g },
  { rule: "slack-hook", pattern: /hooks\.slack\.com\/services\/T[0-9A-Z]{6,}\/B[0-9A-Z]{6,}\/[0-9A-Za-z]{20,}/g },
  { rule: "npm", pattern: /\bnpm_[0-9A-Za-z]{36}\b/g },
  { rule: "google", pattern: /\bAIza[0-9A-Za-z_-]{35}/g },
  { rule: "sendgrid", pattern: /\bSG\.[0-9A-Za-z_-]{16,}\.[0-9A-Za-z_-]{30,}/g },
  { rule: "docker", pattern: /\bdckr_pat_[0-9A-Za-z_-]{20,}/g },
  { rule: "openai", pattern: /\bsk-(?:proj-|ant-)?[0-9A-Za-z_-]{32,}/g },
  { rule: "linear", pattern: /\blin_api_[0-9A-Za-z]{30,}/g },
];

/** What documentation writes where a key would stand. */
export const isPlaceholder = (key: string): boolean =>
  /example|placeholder|your[-_]|changeme|password|secret@|x{6,}|\.{3}|<|_NEXT$/i.test(key) || /^(.)\1+$/.test(key);
