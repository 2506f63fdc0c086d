/** Which images were taken out of a registry, so that nobody is asked again to do it. */
export const registryMigration = `
create table fairway.removed_images (
  image text not null,
  digest text not null,
  removed_at timestamptz not null default now(),
  primary key (image, digest)
);
`;
