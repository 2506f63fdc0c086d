import { hrefOf } from "@fairway/api/client";
import type { ReactElement } from "react";
import { useState } from "react";
import { useWho } from "../../api/who.ts";
import { DownloadLink } from "../../components/download-link.tsx";
import { Section } from "../../components/page.tsx";
import { useNow } from "../../shell/now.ts";
import { quartersUntil } from "./quarters.ts";

/** Five years: who needs an older one has the command line. */
const most = 20;

const forms = [
  { form: "md", words: "Markdown" },
  { form: "csv", words: "CSV" },
  { form: "json", words: "JSON Lines" },
  { form: "seal", words: "Its seal" },
] as const;

/** What was owed and shown within a quarter, as files for whoever asks for it. */
export function QuarterSummary(): ReactElement {
  const { may } = useWho();
  const quarters = quartersUntil(useNow(), most);
  const [chosen, choose] = useState(quarters[0] ?? "");
  const possible = may("audit", null);
  return (
    <Section title="What was shown in a quarter">
      <p className="muted">
        Duties, drills, waivers and incidents with how they ended: the same bytes for the same record. The seal holds
        the signed digests of all three files, for <code>fairway verify</code>.
      </p>
      <div className="duty-filters">
        <label className="field">
          Quarter
          <select value={chosen} onChange={({ target: { value } }) => choose(value)}>
            {quarters.map((each, at) => (
              <option key={each} value={each}>
                {each}
                {at === 0 ? ", so far" : ""}
              </option>
            ))}
          </select>
        </label>
        {forms.map(({ form, words }) => (
          <DownloadLink key={form} possible={possible} href={hrefOf("quarterSummary", { quarter: chosen, form })}>
            {words}
          </DownloadLink>
        ))}
      </div>
    </Section>
  );
}
