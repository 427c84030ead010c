/** `total` shared out by weight in whole numbers that add up to it; what does not divide goes to those further on. */
export function shareOut(total: number, weights: readonly number[]): number[] {
  const all = weights.reduce((sum, weight) => sum + weight, 0)
  let weightSoFar = 0
  let givenSoFar = 0
  return weights.map(weight => {
    weightSoFar += weight
    const share = Math.floor((total * weightSoFar) / all) - givenSoFar
    givenSoFar += share
    return share
  })
}
