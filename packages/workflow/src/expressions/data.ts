import type { JsonValue } from "../model/json.ts";
import { github, type Github } from "../reading/github.ts";

/** A value as GitHub's evaluator handles it. */
export type Data = ReturnType<InstanceType<Github["Evaluator"]>["evaluate"]>;
type DataDictionary = InstanceType<Github["data"]["Dictionary"]>;

/** Turns JSON into the evaluator's own values. Only the outermost keys are case-sensitive when asked for: `env` is. */
export function toData(value: JsonValue | undefined, caseSensitive = false): Data {
  const { data } = github();
  if (value === undefined || value === null) return new data.Null();
  if (typeof value === "string") return new data.StringData(value);
  if (typeof value === "number") return new data.NumberData(value);
  if (typeof value === "boolean") return new data.BooleanData(value);
  if (isList(value)) {
    const list = new data.Array(); // Not spread into arguments: a long list would overflow the stack.
    for (const item of value) list.add(toData(item));
    return list;
  }
  const dictionary = newDictionary(caseSensitive);
  for (const [key, item] of Object.entries(value)) dictionary.add(key, toData(item));
  return dictionary;
}

/** Turns a value of the evaluator back into JSON. */
export function fromData(value: Data): JsonValue {
  const { data } = github();
  if (value instanceof data.Dictionary) {
    return Object.fromEntries(value.pairs().map(({ key, value: item }) => [key, fromData(item)]));
  }
  if (value instanceof data.Array) return value.values().map(fromData);
  if (value instanceof data.NumberData || value instanceof data.BooleanData) return value.value;
  if (value instanceof data.StringData) return value.value;
  return null;
}

/**
 * The contexts of an expression. Each is turned into the evaluator's values when it is asked for, since most expressions
 * ask for one and an event's payload can be long. One that is not there is null: the evaluator does not look whether it is.
 */
export function contextData(contexts: Readonly<Record<string, JsonValue>>): DataDictionary {
  const { Dictionary } = github().data;
  const names = new Map(Object.keys(contexts).map((name) => [name.toLowerCase(), name]));
  const turned = new Map<string, Data>(); // The same object twice is equal to itself.
  return new (class extends Dictionary {
    override get(key: string): Data {
      const name = names.get(key.toLowerCase()) ?? key;
      const known = turned.get(name) ?? toData(contexts[name], name === "env");
      turned.set(name, known);
      return known;
    }
  })();
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

let dictionaryClass: (new (caseSensitive: boolean) => DataDictionary) | undefined;

/** GitHub's own dictionary loses keys such as `constructor`, and knows no case-sensitive `env`. */
function newDictionary(caseSensitive: boolean): DataDictionary {
  dictionaryClass ??= makeDictionaryClass();
  return new dictionaryClass(caseSensitive);
}

function makeDictionaryClass(): new (caseSensitive: boolean) => DataDictionary {
  return class extends github().data.Dictionary {
    readonly #pairs = new Map<string, { readonly key: string; readonly value: Data }>();
    readonly #caseSensitive: boolean;

    constructor(caseSensitive: boolean) {
      super();
      this.#caseSensitive = caseSensitive;
    }

    override add(key: string, value: Data): void {
      const name = this.#nameOf(key);
      if (!this.#pairs.has(name)) this.#pairs.set(name, { key, value });
    }

    override get(key: string): Data | undefined {
      return this.#pairs.get(this.#nameOf(key))?.value;
    }

    override values(): Data[] {
      return [...this.#pairs.values()].map(({ value }) => value);
    }

    override pairs(): { key: string; value: Data }[] {
      return [...this.#pairs.values()];
    }

    #nameOf(key: string): string {
      return this.#caseSensitive ? key : key.toLowerCase();
    }
  };
}
