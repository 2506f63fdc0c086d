/** What a later row corrects counts no more: which those are is found without reading the others. */
export const correctedEvidenceMigration = `
create index audit_of_corrections on fairway.audit (number)
  where action in ('evidence.passed', 'evidence.failed', 'evidence.partial') and entry::json->'detail'->>'corrects' is not null;
`;
