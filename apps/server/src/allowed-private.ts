import { isIP } from "node:net";
import { FairwayError } from "@fairway/core";

/**
 * Reads `10.0.0.0/8, git.example.com`: ranges, addresses and names of hosts that requests may go to although they are private.
 * Throws `bad_request` for a word that is none of these.
 */
export function allowedPrivate(written: string): readonly string[] {
  const words = written.split(/[\s,]+/u).filter((word) => word !== "");
  const wrong = words.find((word) => !isRange(word) && !isHost(word));
  if (wrong === undefined && words.length > 0) return words;
  throw new FairwayError(
    "bad_request",
    wrong === undefined
      ? "--allow-private names nothing"
      : `--allow-private has "${wrong}", which is no range, no address and no name of a host`,
    { hint: "like 10.0.0.0/8, 192.168.1.5 or git.example.com; none takes all of them away" },
  );
}

function isRange(word: string): boolean {
  const [address = "", bits, ...rest] = word.split("/");
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/u.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

const label = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/iu;

/** What ends in a number is an address that was written wrong (WHATWG URL, ends-in-a-number checker). */
function isHost(word: string): boolean {
  const labels = word.replace(/\.$/u, "").split(".");
  const last = labels.at(-1) ?? "";
  return word.length <= 253 && labels.every((one) => label.test(one)) && !/^(?:\d+|0x[0-9a-f]*)$/iu.test(last);
}
