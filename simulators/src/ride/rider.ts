import { type AccountType, fromHex, utf8 } from '@ankang/protocol'
import { SeededDraw } from '../city/seeded-draw.ts'
import { RIDE_ISSUERS, type RideIssuerName } from './ride-issuers.ts'
import { ACCOUNT_TYPE_SHARES, RIDE_ISSUER_SHARES, RIDE_LIMIT_SHARES } from './rider-shares.ts'

/** The scheme's own part of a card number. */
const CARD_PREFIX = '3104'

/** A synthetic account that rides are paid from. Derived whenever needed and stored nowhere. */
export interface Rider {
  readonly index: number
  readonly issuer: RideIssuerName
  readonly type: AccountType
  readonly singleRideLimitFen: number
  /** Ten bytes, twenty decimal digits: the id on deny lists. */
  readonly cardAccount: Uint8Array
  /** Sixteen bytes, digits as text. */
  readonly paymentAccount: Uint8Array
}

function drawDigits(draw: SeededDraw, count: number): string {
  return Array.from({ length: count }, () => draw.below(10)).join('')
}

/** The account with this number: always the same for one seed. */
export function riderAt(seed: Uint8Array, index: number): Rider {
  const draw = new SeededDraw(seed, `rider/${index}`)
  const issuer = draw.pickWeighted(RIDE_ISSUER_SHARES)
  const type = draw.pickWeighted(ACCOUNT_TYPE_SHARES)
  const singleRideLimitFen = draw.pickWeighted(RIDE_LIMIT_SHARES)
  const cardAccount = fromHex(CARD_PREFIX + RIDE_ISSUERS[issuer].id.slice(4) + drawDigits(draw, 12))
  const paymentAccount = utf8(drawDigits(draw, 16))
  return { index, issuer, type, singleRideLimitFen, cardAccount, paymentAccount }
}
