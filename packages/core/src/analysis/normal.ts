/**
 * The natural logarithm of the chance that a standard normal is at most `z`. Below -5 by the asymptotic series
 * (Abramowitz and Stegun 26.2.12), else by the series of 26.2.11, whose terms all have one sign.
 */
export function logNormalBelow(z: number): number {
  if (z < -5) {
    const square = z * z;
    const series = 1 - 1 / square + 3 / square ** 2 - 15 / square ** 3 + 105 / square ** 4 - 945 / square ** 5;
    return -square / 2 - Math.log(-z) - Math.log(2 * Math.PI) / 2 + Math.log(series);
  }
  if (z > 8) return 0;
  let [term, sum] = [z, z];
  for (let i = 1; Math.abs(term) > 1e-17 * Math.abs(sum); i++) {
    term *= (z * z) / (2 * i + 1);
    sum += term;
  }
  return Math.log(0.5 + (sum * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI));
}
