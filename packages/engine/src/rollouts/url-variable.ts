/** `api-gateway` → `API_GATEWAY_URL`. */
export const urlVariable = (service: string): string => `${service.replaceAll("-", "_").toUpperCase()}_URL`;
