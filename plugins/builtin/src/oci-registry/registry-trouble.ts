import { FairwayError } from "@fairway/core";

/** An answer that was a no. */
export interface RegistryAnswer {
  readonly status: number;
  readonly body: string;
  readonly retryAfter: string | undefined;
}

/** Docker's registry gives the number of the system's error alone: 28 is ENOSPC, 122 EDQUOT. */
const fullWords =
  /no space left|not enough space|disk quota|quota exceeded|insufficient storage|ENOSPC|"Err":\s*(28|122)\b/i;

/** Whether what a registry, or an engine that spoke to one, said is that it has no room. */
export const saysFull = (said: string): boolean => fullWords.test(said);

/** What a registry's no means. `what` is what was tried, and ends in the registry's name. */
export function registryTrouble(
  what: string,
  { status, body, retryAfter }: RegistryAnswer,
  hasLogin: boolean,
): FairwayError {
  const said = wordsOf(body);
  const told = said === "" ? `it answered with ${status}` : `it answered with ${status}: ${said}`;
  if (status === 401)
    return hasLogin
      ? refused(
          `could not ${what}: it does not accept the username and password`,
          "Look at the values of `registry.username` and `registry.password`.",
        )
      : refused(
          `could not ${what}: it asks who we are, and no login is configured`,
          "Give `registry` a `username` and a `password` by the name of a secret.",
        );
  if (status === 403)
    return refused(`could not ${what}: ${told}`, "The user of `registry.username` needs the right to do this.");
  if (status === 405)
    return refused(
      `could not ${what}: it does not allow that`,
      "Docker's registry deletes only with `storage.delete.enabled: true`.",
    );
  if (status === 429) {
    const seconds = secondsOf(retryAfter);
    return unavailable(
      `could not ${what}: it asks to be left alone${seconds === null ? "" : ` for ${seconds} s`}`,
      seconds === null ? "Try again later." : `Try again in ${seconds} s.`,
    );
  }
  if (status === 507 || (status >= 500 && saysFull(body)))
    return new FairwayError("disk_full", `could not ${what}: the registry has no room`, {
      hint: "Make room there, by `registry.keep` say, and try again; nothing was released.",
      retryable: true,
    });
  if (status >= 500) return unavailable(`could not ${what}: ${told}`, "Try again when the registry is well.");
  return refused(`could not ${what}: ${told}`, undefined);
}

/** What it means that there was no answer. */
export function noAnswer(what: string, thrown: unknown): FairwayError {
  const code = codeIn(thrown);
  if (code !== undefined && /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME/.test(code))
    return new FairwayError("registry_refused", `could not ${what}: its certificate is not trusted (${code})`, {
      hint: "Name the file with the certificate of its authority in `registry.ca`.",
      cause: thrown,
    });
  if (code === "EPROTO" || code === "ERR_SSL_WRONG_VERSION_NUMBER")
    return new FairwayError("registry_refused", `could not ${what}: it does not speak TLS`, {
      hint: "For one at this machine's loopback there is `registry.insecure: true`.",
      cause: thrown,
    });
  return unavailable(
    `could not ${what}: it does not answer${code === undefined ? "" : ` (${code})`}`,
    "Is it running, and is `registry.server` right?",
    thrown,
  );
}

/** What it means that the answer did not come in time. */
export const tooSlow = (what: string, milliseconds: number): FairwayError =>
  new FairwayError("deadline_passed", `could not ${what}: it took longer than ${milliseconds / 1000} s`, {
    hint: "Try again when the registry is quicker; nothing was released.",
    retryable: true,
  });

/** `Retry-After` in seconds, when it is written so (RFC 9110, 10.2.3). */
export const secondsOf = (retryAfter: string | undefined): number | null =>
  retryAfter !== undefined && /^\d{1,6}$/.test(retryAfter) ? Number(retryAfter) : null;

const refused = (message: string, hint: string | undefined): FairwayError =>
  new FairwayError("registry_refused", message, { hint });

const unavailable = (message: string, hint: string, cause?: unknown): FairwayError =>
  new FairwayError("registry_unavailable", message, { hint, cause, retryable: true });

/** The sentences of a registry's own error document (distribution specification, error codes), or the beginning of a page. */
function wordsOf(body: string): string {
  try {
    const { errors } = JSON.parse(body) as {
      readonly errors?: readonly { readonly message?: string; readonly code?: string }[];
    };
    return (errors ?? [])
      .map(({ code, message }) => message ?? code ?? "")
      .join("; ")
      .slice(0, 300);
  } catch {
    // A page of a proxy, say: not in the form that registries answer in.
    return body.replaceAll(/\s+/g, " ").trim().slice(0, 200);
  }
}

function codeIn(thrown: unknown): string | undefined {
  if (typeof thrown !== "object" || thrown === null || !("code" in thrown)) return undefined;
  return typeof thrown.code === "string" ? thrown.code : undefined;
}
