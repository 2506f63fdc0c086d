import type * as Argon2 from "@node-rs/argon2";
import { FairwayError, passwordAsTyped as asTyped, passwordProblem } from "@fairway/core";

/** OWASP's floor for argon2id: 19 MiB, two passes, one lane. https://cheatsheetseries.owasp.org/ (Password Storage). */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** In characters; of what is longer the beginning is compared, so that nobody can wear us out with a long one. */
const longestCompared = 1024;
/** Each takes 19 MiB and a processor: more at once would let anybody wear the daemon out. */
const atOnce = 2;
const longestQueue = 50;

/** Compares and keeps passwords. */
export interface Passwords {
  /** What is kept of a password. Throws `bad_request` for one that is too short or too long. */
  hashOf(password: string): Promise<string>;
  /** Whether it is the password. Without a hash it takes as long and is no: nobody learns who there is. */
  matches(password: string, hash: string | null): Promise<boolean>;
}

/**
 * What nobody's password is compared with: of random bytes that were thrown away, at the same cost. Written down, because one
 * that is made at the first login would make that of an unknown name longer.
 */
const nobodys = "$argon2id$v=19$m=19456,t=2,p=1$gFsmAze2T9rBtGzfrfiKpg$U8TePBSJJ8BOhceQRpAMi2QFyxYrwnm2OpH5t7KjepA";

/** Loaded when first somebody logs in: most daemons of one person never need it. */
const argon2 = (): Promise<typeof Argon2> => import("@node-rs/argon2");

export function openPasswords(): Passwords {
  let busy = 0;
  const waiting: (() => void)[] = [];

  async function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    if (busy >= atOnce) {
      if (waiting.length >= longestQueue)
        throw new FairwayError("too_many_attempts", "too many people log in at once", { retryable: true });
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else busy += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) busy -= 1;
      else next();
    }
  }

  return {
    hashOf: async (password) => {
      assertPassword(password);
      const { hash } = await argon2();
      return inTurn(async () => hash(asTyped(password), cost));
    },
    matches: async (password, kept) => {
      const { verify } = await argon2();
      const isIt = await inTurn(async () => verify(kept ?? nobodys, asTyped(password).slice(0, longestCompared)));
      return kept !== null && isIt;
    },
  };
}

/** Throws `bad_request`. */
function assertPassword(password: string): void {
  const found = passwordProblem(password);
  if (found !== null) throw new FairwayError("bad_request", found.problem, { hint: found.hint });
}
