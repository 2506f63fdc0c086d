/** What expressions compute with and what contexts are made of: plain JSON. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;

/** A JSON object; its keys keep the order in which they were written. */
export interface JsonObject {
  readonly [key: string]: JsonValue;
}
