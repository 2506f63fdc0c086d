/** Whether a transaction that failed had too little gas. A call inside gets all gas but a 64th, so what ran out there leaves about that much. https://eips.ethereum.org/EIPS/eip-150 */
export const hasRunOut = (used: bigint, given: bigint): boolean => used * 64n >= given * 62n;
