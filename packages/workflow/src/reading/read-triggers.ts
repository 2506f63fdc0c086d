import type { EventTrigger, RefFilter, Schedule, Triggers } from "../model/triggers.ts";
import { type Field, fieldsOf, isMapping, isNull, isSequence, textOf, textsOf } from "./fields.ts";
import { type Findings, placeOf } from "./findings.ts";
import type { LiteralToken } from "./github-entry.ts";
import { optional } from "./optional.ts";
import { readCall, readInputs } from "./read-interface.ts";
import { scheduleFault } from "./schedule-fault.ts";

const filters = ["branches", "tags", "paths"] as const;
const known = [...filters.flatMap((name) => [name, `${name}-ignore`]), ...["types", "workflows", "names", "versions"]];

/** Reads `on`, in any of its three forms. */
export function readTriggers(field: Field, findings: Findings): Triggers {
  const { value } = field;
  const place = placeOf(value);
  if (!isMapping(value)) {
    const tokens = isSequence(value) ? [...value] : [value];
    const names = tokens.map((token) => ({ event: (token as LiteralToken).toString(), place: placeOf(token) }));
    const named = (event: string) => names.find((trigger) => trigger.event === event);
    const dispatch = named("workflow_dispatch");
    const call = named("workflow_call");
    return {
      place,
      events: names.filter(({ event }) => !hasOwnForm(event)),
      schedules: [],
      ...optional("dispatch", dispatch && { place: dispatch.place, inputs: [] }),
      ...optional("call", call && { place: call.place, inputs: [], secrets: [], outputs: [] }),
    };
  }
  const fields = fieldsOf(value, "any", findings);
  const dispatch = fields.get("workflow_dispatch");
  const call = fields.get("workflow_call");
  return {
    place,
    events: [...fields.values()].filter(({ key }) => !hasOwnForm(key)).map((event) => readEvent(event, findings)),
    schedules: readSchedules(fields.get("schedule"), findings),
    ...optional(
      "dispatch",
      dispatch && {
        place: dispatch.keyPlace,
        inputs: readInputs(fieldsOf(dispatch.value, ["inputs"], findings).get("inputs"), findings),
      },
    ),
    ...optional("call", call && readCall(call, findings)),
  };
}

const hasOwnForm = (event: string): boolean => ["schedule", "workflow_dispatch", "workflow_call"].includes(event);

function readEvent({ key, keyPlace, value }: Field, findings: Findings): EventTrigger {
  if (isNull(value)) return { event: key, place: keyPlace };
  const fields = fieldsOf(value, known, findings);
  const [branches, tags, paths] = filters.map((name) => readFilter(name, fields, findings));
  return {
    event: key,
    place: keyPlace,
    ...optional("types", textsOf(fields.get("types"), findings)),
    ...optional("branches", branches),
    ...optional("tags", tags),
    ...optional("paths", paths),
    ...optional("workflows", textsOf(fields.get("workflows"), findings)),
    ...optional("names", textsOf(fields.get("names"), findings)),
    ...optional("versions", textsOf(fields.get("versions"), findings)),
  };
}

function readFilter(name: string, fields: ReadonlyMap<string, Field>, findings: Findings): RefFilter | undefined {
  const wanted = fields.get(name);
  const ignored = fields.get(`${name}-ignore`);
  if (wanted !== undefined && ignored !== undefined) {
    findings.add(
      ignored.keyPlace,
      `'${name}' and '${name}-ignore' cannot both be used for one event`,
      `Keep '${name}' and write what is to be left out as '!pattern'.`,
    );
  }
  const field = wanted ?? ignored;
  if (field === undefined) return undefined;
  const patterns = textsOf(field, findings) ?? [];
  if (wanted !== undefined && patterns.length > 0 && patterns.every((pattern) => pattern.startsWith("!"))) {
    findings.add(field.keyPlace, `'${name}' has only patterns that take out, so nothing is ever let in`);
  }
  return { place: field.keyPlace, ignore: wanted === undefined, patterns };
}

function readSchedules(field: Field | undefined, findings: Findings): readonly Schedule[] {
  if (field === undefined || !isSequence(field.value)) return [];
  return [...field.value].flatMap((item) => {
    const fields = fieldsOf(item, ["cron", "timezone"], findings);
    const cron = textOf(fields.get("cron"), findings);
    if (cron === undefined) return [];
    const timezone = textOf(fields.get("timezone"), findings);
    const fault = scheduleFault(cron, timezone);
    if (fault !== undefined) findings.add(placeOf(fields.get(fault.at)?.value), fault.message);
    return [{ place: placeOf(item), cron, ...optional("timezone", timezone) }];
  });
}
