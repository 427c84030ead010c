/**
 * Hardware that a code can be held to.
 *
 * Contract: `present` resolves when the code is on its way to the device; `remove` when it has been out of sight long
 * enough that the same code counts as shown again. After `close` nothing is open.
 */
export interface CodeSource {
  present(code: Uint8Array): Promise<void>
  remove(): Promise<void>
  close(): Promise<void>
}
