import type { PersonShape } from "@fairway/api";
import type { Actor, AuditAction, Grant } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { Person, PersonWithPassword, Transaction } from "@fairway/engine";
import {
  addPerson,
  endSessions,
  giveRole,
  hasAdmin,
  hasPeople,
  holdPeople,
  listPeople,
  personById,
  personByName,
  recordAudit,
  setDisabled,
  setPasswordHash,
  takeRole,
} from "@fairway/engine";
import type { People } from "../people/people.ts";
import type { Handlers } from "./build-app.ts";

type PeopleOperations =
  | "people"
  | "addPerson"
  | "disablePerson"
  | "resetPassword"
  | "signOut"
  | "roles"
  | "grantRole"
  | "takeRole";

/** Who there is, and what they may do. */
export function peopleHandlers(people: People): Pick<Handlers, PeopleOperations> {
  const { store, passwords } = people;

  /** One change of one person, on record, with the person as they are then. */
  async function change(
    name: string,
    actor: Actor,
    action: AuditAction,
    work: (tx: Transaction, person: PersonWithPassword) => Promise<Partial<Grant> | void>,
  ): Promise<PersonShape> {
    const changed = await store.transaction(async (tx) => {
      await holdPeople(tx);
      const person = await named(tx, name);
      const had = await hasAdmin(tx);
      const detail = await work(tx, person);
      recordAudit(tx, {
        actor,
        action,
        subject: person.id,
        environment: detail?.environment ?? null,
        detail: { name: person.name, ...detail },
      });
      if (had && !(await hasAdmin(tx))) throw lastOne(person.name);
      return personById(tx, person.id);
    });
    await people.changed();
    return personView(changed);
  }

  return {
    people: async (filter) => (await listPeople(store, filter)).map(personView),
    addPerson: async ({ name, password, email, role }, { actor }) => {
      const passwordHash = await passwords.hashOf(password);
      const added = await store.transaction(async (tx) => {
        await holdPeople(tx);
        const first = !(await hasPeople(tx));
        const id = await addPerson(tx, { name, email, passwordHash, identity: null });
        const given = first ? "admin" : role;
        if (given !== null) await giveRole(tx, id, { role: given, project: null, environment: null }, actor.name);
        const detail = { name, role: given, first };
        recordAudit(tx, { actor, action: "people.added", subject: id, environment: null, detail });
        return personById(tx, id);
      });
      await people.changed();
      return personView(added);
    },
    disablePerson: async ({ person, disabled }, { actor }) =>
      change(person, actor, disabled ? "people.disabled" : "people.enabled", async (tx, { id }) => {
        await setDisabled(tx, id, disabled);
        if (disabled) await endSessions(tx, id, null);
      }),
    resetPassword: async ({ person, password }, { actor }) => {
      const hash = await passwords.hashOf(password);
      return change(person, actor, "people.password_changed", async (tx, { id, login, name }) => {
        if (login === "oidc")
          throw new FairwayError("not_allowed_now", `${name} has no password here: an identity provider knows them`);
        await setPasswordHash(tx, id, hash);
        await endSessions(tx, id, null);
      });
    },
    signOut: async ({ person }, { actor }) => {
      const endedSessions = await store.transaction(async (tx) => {
        const { id, name } = await named(tx, person);
        const ended = await endSessions(tx, id, null);
        recordAudit(tx, {
          actor,
          action: "people.signed_out",
          subject: id,
          environment: null,
          detail: { name, ended },
        });
        return ended;
      });
      await people.changed();
      return { endedSessions };
    },
    roles: async () =>
      (await listPeople(store)).flatMap(({ name, grants }) => grants.map((grant) => ({ person: name, ...grant }))),
    grantRole: async ({ person, ...grant }, { actor }) =>
      change(person, actor, "role.given", async (tx, { id }) => {
        await giveRole(tx, id, grant, actor.name);
        return grant;
      }),
    takeRole: async ({ person, ...grant }, { actor }) =>
      change(person, actor, "role.taken", async (tx, { id, name }) => {
        if (await takeRole(tx, id, grant)) return grant;
        throw new FairwayError("not_found", `${name} is no ${grant.role} ${placeOf(grant)}`, {
          hint: "it is taken as it was given; see: fairway roles",
        });
      }),
  };
}

async function named(tx: Transaction, name: string): Promise<PersonWithPassword> {
  const person = await personByName(tx, name);
  if (person === null)
    throw new FairwayError("not_found", `there is nobody called "${name}"`, { hint: "see: fairway users list" });
  return person;
}

const lastOne = (name: string): FairwayError =>
  new FairwayError("not_allowed_now", `${name} is the last administrator`, { hint: "make somebody else one first" });

const placeOf = ({ project, environment }: Grant): string =>
  [environment === null ? "everywhere" : `in ${environment}`, ...(project === null ? [] : [`of ${project}`])].join(" ");

/** A person as clients see them. */
const personView = ({ id, name, email, login, grants, disabled, createdAt, lastSeenAt }: Person): PersonShape => ({
  id,
  name,
  email,
  login,
  grants: grants.map((grant) => ({ ...grant })),
  disabled,
  createdAt,
  lastSeenAt,
});
