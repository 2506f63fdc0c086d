/** How releases were signed by who somebody is, besides by the key of the installation. */
export const keylessProofsMigration = `
alter table fairway.releases add column keyless_proof json;
`;
