import type { ReactElement } from "react";
import { useId } from "react";
import type { AuditSearch } from "./audit-search.ts";
import { auditSearchOf } from "./audit-search.ts";

const texts = [
  ["actor", "Who", "dana"],
  ["subject", "About", "run-17, r42"],
  ["environment", "Environment", "production"],
] as const;
const days = [
  ["since", "From"],
  ["until", "Before"],
] as const;

/** Which entries are looked for. They are in the link, so that a search can be sent to somebody. */
export function AuditFilters({
  search,
  areas,
  onChange,
}: {
  readonly search: AuditSearch;
  readonly areas: readonly string[];
  readonly onChange: (search: AuditSearch) => void;
}): ReactElement {
  const listId = useId();
  return (
    <form
      // What the link says is what is shown, also when somebody goes back.
      key={JSON.stringify(search)}
      className="audit-filters"
      role="search"
      aria-label="The record"
      onSubmit={(event) => {
        event.preventDefault();
        onChange(auditSearchOf(Object.fromEntries(new FormData(event.currentTarget))));
      }}
    >
      {texts.map(([name, label, example]) => (
        <label key={name} className="field">
          {label}
          <input
            name={name}
            defaultValue={search[name] ?? ""}
            placeholder={example}
            maxLength={60}
            {...(name === "actor" ? { "data-search": true } : {})}
          />
        </label>
      ))}
      <label className="field">
        What
        <input
          name="action"
          list={listId}
          defaultValue={search.action ?? ""}
          placeholder="secret, or secret.set"
          maxLength={60}
        />
        <datalist id={listId}>
          {areas.map((area) => (
            <option key={area} value={area} />
          ))}
        </datalist>
      </label>
      {days.map(([name, label]) => (
        <label key={name} className="field">
          {label}
          <input name={name} type="date" defaultValue={search[name] ?? ""} />
        </label>
      ))}
      <div className="audit-filters-do">
        <button type="submit" className="button button-main">
          Search
        </button>
        {Object.keys(search).length === 0 ? null : (
          <button type="button" className="button" onClick={() => onChange({})}>
            Show all
          </button>
        )}
      </div>
    </form>
  );
}
