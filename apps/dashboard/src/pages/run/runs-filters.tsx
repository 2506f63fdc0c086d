import { states } from "@fairway/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { useState } from "react";
import { asked } from "../../api/answers.ts";
import type { RunsSearch } from "./runs-search.ts";
import { kinds, runsSearchOf } from "./runs-search.ts";
import "./runs.css";

/** Which runs are looked for. They are in the link, so that a search can be sent to somebody. */
export function RunsFilters({
  search,
  onChange,
}: {
  readonly search: RunsSearch;
  readonly onChange: (search: RunsSearch) => void;
}): ReactElement {
  const status = useQuery(asked("status", {}));
  const environments = (status.data?.environments ?? []).map(({ name }) => name);
  const put = (name: keyof RunsSearch, value: string): void => onChange(runsSearchOf({ ...search, [name]: value }));
  return (
    <div className="runs-filters" role="search" aria-label="Runs">
      <Words label="Title" name="text" most={200} search={search} put={put} />
      <Words label="Who asked" name="who" most={120} search={search} put={put} />
      <Choice label="Kind" name="kind" all={kinds} search={search} put={put} />
      <Choice label="State" name="state" all={states} search={search} put={put} />
      <Choice
        label="Environment"
        name="environment"
        all={
          search.environment === undefined || environments.includes(search.environment)
            ? environments
            : [...environments, search.environment]
        }
        search={search}
        put={put}
      />
      <label className="check">
        <input
          type="checkbox"
          checked={search.open === true}
          onChange={({ target: { checked } }) => put("open", checked ? "true" : "")}
        />
        Only those that go on
      </label>
    </div>
  );
}

/** Holds what is typed itself: the link follows, and a key that is pressed meanwhile is not lost. */
function Words({
  label,
  name,
  most,
  search,
  put,
}: {
  readonly label: string;
  readonly name: "text" | "who";
  readonly most: number;
  readonly search: RunsSearch;
  readonly put: (name: keyof RunsSearch, value: string) => void;
}): ReactElement {
  const [typed, type] = useState(search[name] ?? "");
  return (
    <label className={name === "text" ? "field runs-filters-text" : "field"}>
      {label}
      <input
        type="search"
        maxLength={most}
        {...(name === "text" ? { "data-search": true } : {})}
        value={typed}
        onChange={({ target }) => {
          type(target.value);
          put(name, target.value);
        }}
      />
    </label>
  );
}

function Choice({
  label,
  name,
  all,
  search,
  put,
}: {
  readonly label: string;
  readonly name: "kind" | "state" | "environment";
  readonly all: readonly string[];
  readonly search: RunsSearch;
  readonly put: (name: keyof RunsSearch, value: string) => void;
}): ReactElement {
  return (
    <label className="field">
      {label}
      <select value={search[name] ?? ""} onChange={({ target }) => put(name, target.value)}>
        <option value="">Any</option>
        {all.map((one) => (
          <option key={one} value={one}>
            {one}
          </option>
        ))}
      </select>
    </label>
  );
}
