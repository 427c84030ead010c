import { hash, parseOptions, verify } from '@node-rs/argon2'
import { normalPassword } from './password-rules.ts'
import { PEOPLE_LIMITS } from './people-limits.ts'

export interface HashCost {
  readonly memoryKibibytes: number
  readonly passes: number
}

/** Above the least that is advised: 19 MiB and two passes. Source: OWASP Password Storage Cheat Sheet. About 50 ms on a small machine. */
export const HASH_COST: HashCost = { memoryKibibytes: 32 * 1024, passes: 3 }

/** Hashes with argon2id away from the event loop, so many at once and no more: a flood of log-ins takes neither memory nor cores. */
export class PasswordHashing {
  readonly #options: { readonly memoryCost: number; readonly timeCost: number; readonly parallelism: number }
  readonly #waiting: (() => void)[] = []
  #running = 0
  #dummy: Promise<string> | null = null

  constructor({ memoryKibibytes, passes }: HashCost = HASH_COST) {
    this.#options = { memoryCost: memoryKibibytes, timeCost: passes, parallelism: 1 }
  }

  /** More are waiting than will be served soon; whoever comes now is sent away. */
  get isBusy(): boolean {
    return this.#waiting.length >= PEOPLE_LIMITS.hashesWaiting
  }

  /** In PHC form, salted. */
  hash(password: string): Promise<string> {
    return this.#inTurn(() => hash(normalPassword(password), this.#options))
  }

  /** `hashed` null takes as long and is false: whether a name is known is not to be told by the time. */
  async verify(hashed: string | null, password: string): Promise<boolean> {
    this.#dummy ??= hash('nobody', this.#options)
    const against = hashed ?? (await this.#dummy)
    const right = await this.#inTurn(() => verify(against, normalPassword(password)))
    return right && hashed !== null
  }

  /** Whether a hash was made at another cost than today's. */
  isDated(hashed: string): boolean {
    const { memoryCost, timeCost, parallelism } = parseOptions(hashed)
    const today = this.#options
    return memoryCost !== today.memoryCost || timeCost !== today.timeCost || parallelism !== today.parallelism
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    while (this.#running >= PEOPLE_LIMITS.hashesAtOnce) await new Promise<void>(resolve => this.#waiting.push(resolve))
    this.#running++
    try {
      return await work()
    } finally {
      this.#running--
      this.#waiting.shift()?.()
    }
  }
}
