import type { Argv, DutyRun } from "@fairway/core";
import { millisOf } from "../duration.ts";
import { accessOf } from "../resolve-aws.ts";
import type { Problem } from "../problems.ts";
import type { PlacedDuty } from "./duty-of.ts";
import type { DutySource } from "./read-duty-file.ts";
import type { WrittenDutyRun } from "./written-duties.ts";

/** What may show a duty by itself. */
export const runKinds: readonly Exclude<keyof WrittenDutyRun, "secrets" | "timeout" | "schedule">[] = [
  ...(["command", "playbook", "probe", "awsKey", "rotation", "scan", "notices"] as const),
  ...(["docs", "replay", "summary", "packet"] as const),
];
const halfAnHour = 30 * 60_000;

/** What stands in braces as if something took its place, and is no `{{secret}}`: it would be sent as it is. */
export const strangePlaceholders = (text: string): readonly string[] =>
  (text.match(/\{\{[^{}]*\}\}/gu) ?? []).filter((one) => one !== "{{secret}}");

/** What shows a duty by itself, null where nothing does, or what is wrong with how it is written. */
export function runOf(
  { at, written, secret, consumed = false }: PlacedDuty,
  source: DutySource<unknown>,
): DutyRun | null | readonly Problem[] {
  const { run } = written;
  if (run === undefined) return null;
  const wrong = (message: string, fix: string): readonly Problem[] => [
    source.problem([...at, "run"], "wrong_value", message, fix, "key"),
  ];
  const [kind, second] = runKinds.filter((one) => run[one] !== undefined);
  if (kind === undefined || second !== undefined)
    return wrong("it says not what it is, or several things", `give it one of ${runKinds.join(", ")}`);
  const timeout = run.timeout === undefined ? halfAnHour : (millisOf(run.timeout) ?? halfAnHour);
  const { command = [], playbook = "", probe, rotation, secrets = {} } = run;
  if (kind !== "command" && run.secrets !== undefined)
    return wrong("only a command is told secrets in variables", "take `secrets` away");
  switch (kind) {
    case "command":
      return { kind, argv: command as unknown as Argv, timeout, secrets, scheduled: run.schedule ?? true };
    case "playbook":
      return { kind, playbook, scheduled: run.schedule ?? false };
    case "probe": {
      if (probe === undefined) return null;
      const { url, headers = {}, query, basic, status = 200 } = probe;
      // The address is told in reasons and logs.
      if (url.includes("{{secret}}"))
        return wrong("its address would show the key", "write the parameter that takes it below `query`");
      const told = [...Object.values(headers), ...Object.values(query ?? {}), basic?.user ?? "", basic?.password ?? ""];
      if (secret === undefined && told.some((value) => value.includes("{{secret}}")))
        return wrong("nobody knows which secret is meant", "write the probe of a credential that has a `store`");
      const [strange] = told.flatMap(strangePlaceholders);
      if (strange !== undefined) return wrong(`nothing stands for ${strange}`, "write {{secret}}");
      if (!url.startsWith("{{") && !URL.canParse(url))
        return wrong("its address leads nowhere", "write one such as https://api.stripe.com/v1/balance");
      if (!areHeaders(headers)) return wrong("its headers cannot be sent", "write a name and one line for each");
      if (basic !== undefined && Object.keys(headers).some((name) => name.toLowerCase() === "authorization"))
        return wrong("it says twice who asks", "take `basic` or the header Authorization away");
      return {
        ...{ kind, url, headers, status, secret: secret ?? null },
        ...(query === undefined ? {} : { query }),
        ...(basic === undefined ? {} : { basic: { user: basic.user, password: basic.password ?? "" } }),
        ...{ timeout: Math.min(timeout, 60_000), scheduled: run.schedule ?? true },
      };
    }
    case "awsKey":
      if (run.awsKey === undefined) return null;
      if (secret === undefined)
        return wrong(
          "nobody knows which key is meant",
          "write it of a credential whose `store` has the secret access key",
        );
      return { kind, ...run.awsKey, account: run.awsKey.account ?? null, secret, scheduled: run.schedule ?? true };
    case "scan":
      return {
        ...{ kind, scheduled: run.schedule ?? true },
        ...(run.scan === "history" || run.scan === "logs" ? { what: run.scan } : {}),
      };
    case "notices":
      return {
        ...{ kind, channels: run.notices === true ? null : (run.notices ?? null), scheduled: run.schedule ?? true },
      };
    case "docs":
      if (run.docs === undefined) return null;
      return { kind, paths: run.docs.paths, external: run.docs.external ?? false, scheduled: run.schedule ?? true };
    case "replay":
      if (run.replay?.effects.url.includes("{{event}}") === false)
        return wrong(
          "all events would be counted as one",
          "write {{event}} into the address of its `effects`, where the id belongs",
        );
      return run.replay === undefined
        ? null
        : { kind, ...run.replay, timeout: Math.min(timeout, 60_000), scheduled: run.schedule ?? true };
    case "summary":
    case "packet":
      return { kind, scheduled: run.schedule ?? true };
    case "rotation":
      if (rotation === undefined) return null;
      if (rotation.driver === "aws-secrets-manager") {
        const { driver, secret: id, verify, create, revoke, secrets: told = {} } = rotation;
        const isOwn = create !== undefined && revoke !== undefined && verify !== undefined;
        if (!isOwn && (create ?? revoke) !== undefined)
          return wrong(
            "of `create`, `revoke` and `verify` one is missing",
            "an exchange that Fairway makes needs all three; one that the secret's own function makes has no `create` and no `revoke`",
          );
        const by = verify === undefined ? {} : { verify: { argv: verify as Argv, secrets: told, timeout } };
        const access = accessOf(rotation);
        const own = isOwn ? { programs: { create: create as Argv, revoke: revoke as Argv } } : {};
        return { ...{ kind, driver, secret: id, access, consumed, ...by, ...own }, scheduled: run.schedule ?? false };
      }
      if (secret === undefined) return wrong("nobody knows which secret is meant", "give the credential a `store`");
      if (rotation.driver === "command") {
        const { driver, create, verify, revoke, secrets: told = {} } = rotation;
        const programs = { create: create as Argv, verify: verify as Argv, revoke: revoke as Argv };
        return {
          ...{ kind, driver, ...programs, secrets: told, store: secret, consumed, timeout },
          scheduled: run.schedule ?? false,
        };
      }
      return { kind, ...rotation, store: secret, consumed, scheduled: run.schedule ?? false };
  }
}

/** As HTTP has them: a name is one word, and a value one line. */
const areHeaders = (headers: Readonly<Record<string, string>>): boolean =>
  Object.entries(headers).every(
    ([name, value]) => /^[\w!#$%&'*+.^`|~-]+$/u.test(name) && /^[\t -~\u0080-\u00ff]*$/u.test(value),
  );
