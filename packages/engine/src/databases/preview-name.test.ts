import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isPreviewOf, isTemplateOf, previewDatabaseName, templateName } from "./preview-name.ts";

const place = fc.record({ preview: fc.string({ maxLength: 120 }), service: fc.string({ maxLength: 60 }) });

describe("the name of a preview's database", () => {
  test("is whole for PostgreSQL, whatever the branch is called", () => {
    fc.assert(
      fc.property(fc.string(), place, (installation, of) => {
        const name = previewDatabaseName(installation, of);
        expect(name).toMatch(/^[a-z][a-z0-9_]{0,62}$/u);
        expect(isPreviewOf(installation, name)).toBe(true);
        expect(isTemplateOf(installation, name)).toBe(false);
      }),
    );
  });

  test("is another one for another preview, service or installation", () => {
    fc.assert(
      fc.property(place, place, (one, other) => {
        fc.pre(one.preview !== other.preview || one.service !== other.service);
        expect(previewDatabaseName("here", one)).not.toBe(previewDatabaseName("here", other));
        expect(isPreviewOf("there", previewDatabaseName("here", one))).toBe(false);
      }),
    );
    expect(templateName("here", "a")).not.toBe(templateName("here", "b"));
  });

  test("can be read by whoever looks at the server", () => {
    expect(previewDatabaseName("here", { preview: "feature/Add-Notes", service: "catalog" })).toContain(
      "feature_add_notes_catalog",
    );
  });
});
