/* Numbers of 32 bytes, for signatures made by hand. */

/** Big-endian. */
export function toBigInt(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex') || '0'}`)
}

/** The lowest 32 bytes of a number that is not negative. */
export function to32Bytes(value: bigint): Uint8Array {
  return new Uint8Array(Buffer.from(value.toString(16).padStart(64, '0').slice(-64), 'hex'))
}

/** 0 ≤ result < `modulus`, of negative numbers too. */
export function modulo(value: bigint, modulus: bigint): bigint {
  return ((value % modulus) + modulus) % modulus
}

/** By Fermat: `modulus` is prime. */
export function inverse(value: bigint, modulus: bigint): bigint {
  let result = 1n
  let square = modulo(value, modulus)
  for (let left = modulus - 2n; left > 0n; left >>= 1n) {
    if ((left & 1n) === 1n) result = (result * square) % modulus
    square = (square * square) % modulus
  }
  return result
}
