/**
 * As much of a collection of the format 2.1 as is read here:
 * https://schema.postman.com/collection/json/v2.1.0/draft-07/docs/index.html
 */
export interface Collection {
  readonly info: { readonly name?: string; readonly schema?: string };
  readonly item: readonly CollectionItem[];
  readonly variable?: readonly KeyValue[];
  readonly auth?: unknown;
  readonly event?: readonly CollectionEvent[];
}

/** A request, or a folder of them. */
export interface CollectionItem {
  id?: string;
  readonly name?: string;
  readonly item?: readonly CollectionItem[];
  request?: CollectionRequest | string;
  readonly event?: readonly CollectionEvent[];
  readonly auth?: unknown;
}

export interface CollectionRequest {
  readonly method?: string;
  readonly url?: unknown;
  readonly header?: readonly KeyValue[] | string;
  readonly body?: unknown;
  readonly auth?: unknown;
}

/** A script and when it runs. */
export interface CollectionEvent {
  readonly listen: "prerequest" | "test";
  readonly script: { readonly type: string; readonly exec: readonly string[] };
}

export interface KeyValue {
  readonly key?: string;
  readonly value?: unknown;
  readonly disabled?: boolean;
  readonly type?: string;
  readonly src?: unknown;
}

/** Every request of a tree, in the order in which they are made. */
export const requestsOf = (items: readonly CollectionItem[]): readonly CollectionItem[] =>
  items.flatMap((item) => (Array.isArray(item.item) ? requestsOf(item.item) : [item]));
