import type { Actor, AuditAction, KeyKeepers, SecretFacts } from "@fairway/core";
import { FairwayError, actorLabel, readSecretReference, secretName } from "@fairway/core";
import type { Sealer } from "../sealing/sealer.ts";
import { recordAudit } from "../store/audit.ts";
import type { GivenSecret } from "../store/secrets.ts";
import {
  addSecretVersions,
  currentSecrets,
  forgetSecret,
  holdSecrets,
  newestSealed,
  newestVersions,
  secretFacts,
  secretVersion,
  shared,
} from "../store/secrets.ts";
import type { Store, Transaction } from "../store/store.ts";
import type { KeyRotation } from "./rotate-key.ts";
import { rotateKey } from "./rotate-key.ts";
import { assertSecretValue } from "./secret-value.ts";
import { purposeOf } from "./stored-secrets.ts";

/** Which secret, and who asks. */
export interface SecretRequest {
  /** null: what every environment shares that has none of its own. */
  readonly environment: string | null;
  readonly name: string;
  readonly actor: Actor;
}

/** What a secret holds: a value, or where another store keeps it. */
export type SecretContent = { readonly value: string } | { readonly reference: string };

/** What came of a change. */
export interface SecretChanged {
  readonly name: string;
  readonly environment: string | null;
  readonly version: number;
  /** False when it held just this already. */
  readonly changed: boolean;
}

/** What people do with secrets. Nothing here ever answers with a value. */
export interface SecretControl {
  /** Every secret there is, by name. */
  list(): Promise<readonly SecretFacts[]>;
  /** Gives a secret its next version. May be repeated: the same value again makes none. Throws `bad_request`. */
  set(request: SecretRequest & SecretContent): Promise<SecretChanged>;
  /** Gives many secrets values, all or none. Throws `bad_request` with every problem. */
  import(
    request: Omit<SecretRequest, "name"> & { readonly values: Readonly<Record<string, string>> },
  ): Promise<readonly SecretChanged[]>;
  /** Makes what an earlier version held the newest one. Throws `not_found`, `not_allowed_now`. */
  rollBack(request: SecretRequest & { readonly to: number }): Promise<SecretChanged>;
  /** Takes a secret away with all its values, for good. Throws `not_found`. */
  remove(request: SecretRequest): Promise<void>;
  /**
   * Opens what was sealed last, so that a missing key is found before it is needed; null where nothing is. Throws as `open`
   * does.
   */
  probe(): Promise<Pick<GivenSecret, "environment" | "name" | "version"> | null>;
  /** Exchanges the key by which everything is sealed. May be repeated, and may be killed anywhere. Throws `key_unusable`. */
  rotateKey(actor: Actor): Promise<KeyRotation>;
}

/** What secrets are changed with. */
export interface SecretControlParts {
  readonly store: Store;
  readonly sealer: Sealer;
  readonly keepers: KeyKeepers;
  /** Names a value without telling it. */
  readonly nameSecret: (environment: string, name: string, value: string) => string;
}

/** A version that somebody wants to add, before it has its number. */
interface Wanted {
  readonly name: string;
  readonly content: SecretContent;
  readonly fingerprint: string | null;
  readonly repeats: number | null;
}

export function secretControl(parts: SecretControlParts): SecretControl {
  const { store, sealer } = parts;

  /** Adds versions, all or none. Values are sealed for their number, which another may take first: then once more. */
  async function add(
    { environment: of, actor }: Omit<SecretRequest, "name">,
    wanted: readonly Wanted[],
    action: AuditAction,
  ): Promise<readonly SecretChanged[]> {
    const environment = of ?? shared;
    for (let attempt = 1; attempt <= 20; attempt++) {
      const ready = await sealed(environment, wanted);
      const done = await store.transaction((tx) => addHeld(tx, { environment: of, actor }, ready, action));
      if (done !== null) return done;
    }
    throw new FairwayError("version_conflict", "others keep changing the same secret", { retryable: true });
  }

  async function sealed(environment: string, wanted: readonly Wanted[]): Promise<readonly Ready[]> {
    const newest = await newestVersions(
      store,
      environment,
      wanted.map(({ name }) => name),
    );
    const numbered = wanted.map((one) => ({
      ...one,
      where: { environment, name: one.name, version: (newest.get(one.name) ?? 0) + 1 },
    }));
    const values = numbered.flatMap(({ content, where }) =>
      "value" in content ? [{ purpose: purposeOf(where), bytes: Buffer.from(content.value, "utf8") }] : [],
    );
    const boxes = (await sealer.sealAll(values)).values();
    return numbered.map(({ content, fingerprint, repeats, where }) =>
      "value" in content
        ? { ...where, sealed: boxes.next().value ?? null, reference: null, fingerprint, repeats }
        : { ...where, sealed: null, reference: content.reference, fingerprint: null, repeats },
    );
  }

  const wantedOf = (of: string | null, name: string, content: SecretContent): Wanted => ({
    name,
    content,
    fingerprint: "value" in content ? parts.nameSecret(of ?? shared, name, content.value) : null,
    repeats: null,
  });

  return {
    list: () => secretFacts(store),

    async set({ environment, name, actor, ...content }) {
      assertNames(environment, [name]);
      assertContent(name, content);
      const [done] = await add({ environment, actor }, [wantedOf(environment, name, content)], "secret.set");
      return done ?? { name, environment, version: 0, changed: false };
    },

    async import({ environment, actor, values }) {
      const names = Object.keys(values);
      assertNames(environment, names);
      for (const [name, value] of Object.entries(values)) assertSecretValue(name, value);
      const wanted = names.toSorted().map((name) => wantedOf(environment, name, { value: values[name] ?? "" }));
      return add({ environment, actor }, wanted, "secret.imported");
    },

    async rollBack({ environment: of, name, actor, to }) {
      const environment = of ?? shared;
      const found = await secretVersion(store, environment, name, to);
      if (found === null) throw absent(`${name} has no version ${to} ${placeOf(of)}`);
      if (found.sealed === null && found.reference === null)
        throw new FairwayError("not_allowed_now", `version ${to} of ${name} went when the secret was removed`, {
          hint: `give it a value again: fairway secrets set ${name}`,
        });
      const content: SecretContent =
        found.sealed === null
          ? { reference: found.reference ?? "" }
          : { value: (await sealer.open(purposeOf(found), found.sealed)).toString("utf8") };
      const [done] = await add(
        { environment: of, actor },
        [{ ...wantedOf(of, name, content), repeats: to }],
        "secret.rolled_back",
      );
      return done ?? { name, environment: of, version: to, changed: false };
    },

    async remove({ environment: of, name, actor }) {
      const environment = of ?? shared;
      const [known] = await currentSecrets(store, [environment], [name]);
      if (known === undefined) throw absent(`there is no secret ${name} ${placeOf(of)}`);
      await store.transaction(async (tx) => {
        const { current } = (await holdSecrets(tx, environment, [name]))(name);
        if (current === null) return;
        await forgetSecret(tx, environment, name);
        recordAudit(tx, {
          actor,
          action: "secret.removed",
          subject: name,
          environment: of,
          detail: { version: current.version },
        });
      });
    },

    async probe() {
      const newest = await newestSealed(store);
      if (newest === null) return null;
      await sealer.open(purposeOf(newest), newest.sealed ?? Buffer.alloc(0));
      return { environment: newest.environment, name: newest.name, version: newest.version };
    },

    rotateKey: (actor) => rotateKey(parts, actor),
  };
}

/** A version with its number, sealed for it. */
interface Ready extends GivenSecret {
  readonly repeats: number | null;
}

/** Null when somebody else took one of the numbers. */
async function addHeld(
  tx: Transaction,
  { environment: of, actor }: Omit<SecretRequest, "name">,
  ready: readonly Ready[],
  action: AuditAction,
): Promise<readonly SecretChanged[] | null> {
  const environment = of ?? shared;
  const standOf = await holdSecrets(
    tx,
    environment,
    ready.map(({ name }) => name),
  );
  const stands = ready.map((made) => ({ made, ...standOf(made.name) }));
  const changed = stands.filter(({ made, current }) => current === null || !isSame(current, made));
  const changes = new Set(changed.map(({ made }) => made.name));
  if (changed.some(({ made, newest }) => newest !== made.version - 1)) return null;
  await addSecretVersions(
    tx,
    changed.map(({ made }) => ({ ...made, by: actorLabel(actor) })),
  );
  for (const {
    made: { name, version, reference, repeats },
  } of changed)
    recordAudit(tx, {
      actor,
      action,
      subject: name,
      environment: of,
      detail: {
        version,
        ...(of === null ? { shared: true } : {}),
        ...(reference === null ? {} : { store: reference.split(":", 1)[0] ?? "" }),
        ...(repeats === null ? {} : { repeats }),
      },
    });
  return stands.map(({ made: { name, version }, current }) =>
    changes.has(name)
      ? { name, environment: of, version, changed: true }
      : { name, environment: of, version: current?.version ?? version, changed: false },
  );
}

const isSame = (had: GivenSecret, made: Ready): boolean =>
  had.reference === made.reference && had.fingerprint === made.fingerprint;

function assertNames(environment: string | null, names: readonly string[]): void {
  const problems = names
    .filter((name) => !secretName.test(name))
    .map((name) => `${JSON.stringify(name.slice(0, 40))} cannot name a secret`);
  if (environment !== null && !/^[A-Za-z0-9][\w.-]{0,59}$/.test(environment))
    problems.push(`${JSON.stringify(environment.slice(0, 60))} cannot name an environment`);
  if (problems.length === 0) return;
  throw new FairwayError("bad_request", problems.join("; "), {
    problems,
    hint: "a name has letters, digits and _, and does not begin with a digit",
  });
}

function assertContent(name: string, content: SecretContent): void {
  if ("value" in content) return assertSecretValue(name, content.value);
  const read = readSecretReference(content.reference);
  if (!read.ok) throw new FairwayError("bad_request", `${name}: ${read.problem}`, { hint: read.hint });
}

const placeOf = (environment: string | null): string =>
  environment === null ? "that all environments share" : `in ${environment}`;

const absent = (message: string): FairwayError =>
  new FairwayError("not_found", message, { hint: "see what there is: fairway secrets list" });
