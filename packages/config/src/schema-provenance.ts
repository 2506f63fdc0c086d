import { z } from "zod";
import type { Provenance, Sigstore } from "./project-config.ts";
import { form, text } from "./schema-parts.ts";

const address = form(
  /^https?:\/\/[^\s?#@]*[^\s?#@/]$/u,
  'must be a base URL without a slash at its end: "https://fulcio.example.com"',
).refine((written) => URL.canParse(written), { error: "must be a URL" });

const sigstore: z.ZodType<Sigstore> = z
  .strictObject(
    {
      fulcio: address.optional().meta({
        description: "The authority that certifies who signs. Sigstore's public one when left out.",
        examples: ["https://fulcio.example.com"],
      }),
      rekor: address.optional().meta({
        description: "The log in which each signature is written down. Sigstore's public one when left out.",
        examples: ["https://rekor.example.com"],
      }),
      token: z
        .strictObject({ secret: text("must be the name of a secret") }, { error: "must be { secret: NAME }" })
        .optional()
        .meta({
          description:
            "The name of the secret (`secrets/build.env`) with the OpenID Connect identity token to sign with. Without it `SIGSTORE_ID_TOKEN` of the daemon counts.",
          examples: [{ secret: "SIGSTORE_TOKEN" }],
        }),
      trustedRoot: form(
        /^\/./u,
        'must be an absolute path on the daemon\'s machine, such as "/etc/fairway/trusted-root.json"',
      ).meta({
        description:
          "File with the authorities and logs that are trusted, as Sigstore writes it. Verification needs no network by it; a copy is kept with each release.",
        examples: ["/etc/fairway/trusted-root.json"],
      }),
      identity: z
        .strictObject(
          {
            issuer: text("must be a text").meta({
              description: "Who vouches for whoever signs.",
              examples: ["https://token.actions.githubusercontent.com"],
            }),
            subject: text("must be a text").meta({
              description: "Who signs, to the letter: an address, or a URI.",
              examples: ["https://github.com/acme/shop/.github/workflows/release.yml@refs/heads/main"],
            }),
          },
          { error: "must be an object with issuer and subject" },
        )
        .meta({ description: "Whom a signature must be by. Another's is refused, also where it is as valid." }),
    },
    { error: "must be an object with trustedRoot and identity" },
  )
  .meta({
    id: "Sigstore",
    description: "Signs each release with Sigstore, besides with the key of this installation.",
  });

/** How releases are signed besides by the key of this installation. */
export const provenance: z.ZodType<Provenance> = z
  .strictObject({ sigstore }, { error: "must be an object with sigstore" })
  .meta({
    id: "Provenance",
    description: "How releases are signed besides by the key of this installation.",
    examples: [
      {
        sigstore: {
          trustedRoot: "/etc/fairway/trusted-root.json",
          identity: { issuer: "https://accounts.example.com", subject: "release@example.com" },
        },
      },
    ],
  });
