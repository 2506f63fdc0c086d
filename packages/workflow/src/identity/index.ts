export { identityClaims, usualAudience, type IdentityClaims } from "./identity-claims.ts";
export { openIdentityIssuer, type IdentityIssuer } from "./identity-issuer.ts";
