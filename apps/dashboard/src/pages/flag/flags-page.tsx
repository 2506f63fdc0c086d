import type { ReactElement } from "react";
import { useState } from "react";
import { client } from "../../api/client.ts";
import { usePages } from "../../api/use-pages.ts";
import { Answered, EmptyNote } from "../../components/answered.tsx";
import { MoreRows } from "../../components/more-rows.tsx";
import { PageOfEnvironment } from "../../components/of-environment.tsx";
import { Section } from "../../components/page.tsx";
import { SearchField } from "../../components/search-field.tsx";
import { FlagRecord } from "./flag-record.tsx";
import { FlagRow } from "./flag-row.tsx";
import { flagsRoute } from "./flag-route.ts";
import "./flag.css";

const page = 100;

/** The feature flags of an environment: what each gives, to how many, and the switch that ends it everywhere. */
export function FlagsPage(): ReactElement {
  const { environment: chosen, flag } = flagsRoute.useSearch();
  return (
    <PageOfEnvironment
      title="Feature flags"
      to="/flags"
      chosen={chosen}
      command={(environment) => `fairway flags list ${environment}`}
    >
      {(environment) => (
        <>
          <Flags key={environment} environment={environment} open={flag ?? null} />
          {flag === undefined ? null : (
            <Section title={`What was done to ${flag}`}>
              <FlagRecord environment={environment} flag={flag} />
            </Section>
          )}
        </>
      )}
    </PageOfEnvironment>
  );
}

function Flags({ environment, open }: { readonly environment: string; readonly open: string | null }): ReactElement {
  const [text, setText] = useState("");
  const flags = usePages({
    key: ["flags", { environment, text }],
    size: page,
    ask: (after: string | undefined, signal) =>
      client.call(
        "flags",
        { environment, limit: page, ...(text === "" ? {} : { text }), ...(after === undefined ? {} : { after }) },
        signal,
      ),
    cursorOf: ({ environment: place, key }) => `${place}/${key}`,
  });
  return (
    <>
      <SearchField label="Search flags by their key" value={text} onChange={setText} />
      <Answered question={flags.question} rows={6}>
        {(found) =>
          found.length === 0 ? (
            <EmptyNote title={text === "" ? `No flag is set in ${environment}` : `No key has "${text}" in it`}>
              <p>
                <code>fairway flags set {environment} new-checkout</code> makes one that is off.
              </p>
            </EmptyNote>
          ) : (
            <ul className="card flag-list">
              {found.map((flag) => (
                <FlagRow key={flag.key} flag={flag} open={open === flag.key} />
              ))}
            </ul>
          )
        }
      </Answered>
      <MoreRows pages={flags} />
    </>
  );
}
