import { fromHex } from '@ankang/protocol'
import { rideCode, strangersRideKey } from './ride-code-making.ts'
import { type CertificateChanges, RIDE_ISSUERS } from './ride-issuers.ts'
import { AUTHORISATION_SECONDS, RIDE_CODE_SECONDS, type RidePlatform } from './ride-platform.ts'
import type { Rider } from './rider.ts'

const FOREIGN_ROOT_INDEX = 9
const LAST_MONTH_OF_2020 = { month: 12, year: 2020 }
const PHONE_AHEAD_SECONDS = 90
/** Offset of the account type, and the byte that says senior. Source: formats.md §3. */
const ACCOUNT_TYPE = { offset: 154, senior: 3 } as const

/** A kind of code that no bus may take, and the reason it is refused for. */
export interface WrongRideCode {
  readonly id: string
  readonly zh: string
  readonly en: string
  readonly reason: string
  /** The code as `rider` would show it at `now` (Unix seconds). The lost card is always one that `platform` has denied. */
  code(platform: RidePlatform, rider: Rider, now: number): Uint8Array
}

function lostRider(platform: RidePlatform, { index }: Rider): Rider {
  const lost = platform.lostRiders()
  return lost[index % lost.length] ?? platform.rider(platform.population)
}

/** A code under a certificate of the rider's own issuer that is not as it should be. */
function underCertificate(changes: () => CertificateChanges): WrongRideCode['code'] {
  return (platform, rider, now) => {
    const certificate = platform.certificate(rider.issuer, changes())
    return rideCode(platform, rider, now, { changes: { certificate } })
  }
}

/** Ride codes that somebody copied, altered, made up or ought no longer to have. */
export const WRONG_RIDE_CODES: readonly WrongRideCode[] = [
  {
    id: 'foreign-root',
    zh: '未接入体系的乘车码',
    en: 'certificate under a root not known here',
    reason: 'unknown-root',
    code: underCertificate(() => ({ rootIndex: FOREIGN_ROOT_INDEX })),
  },
  {
    id: 'certificate-over',
    zh: '发卡机构证书已到期',
    en: 'certificate that ended in 2020',
    reason: 'issuer-expired',
    code: underCertificate(() => ({ expires: LAST_MONTH_OF_2020 })),
  },
  {
    id: 'made-up-certificate',
    zh: '伪造的发卡机构证书',
    en: 'certificate that the root did not sign',
    reason: 'bad-certificate',
    code: underCertificate(() => ({ signedBy: strangersRideKey() })),
  },
  {
    id: 'another-citys-certificate',
    zh: '借用别市证书的乘车码',
    en: 'issuer that hides behind another city’s certificate',
    reason: 'bad-certificate',
    code: (platform, rider, now) => {
      const other = rider.issuer === 'county' ? 'neighbour' : 'county'
      const changes = {
        version: RIDE_ISSUERS[other].version,
        certificate: platform.certificate(other),
        issuer: fromHex(RIDE_ISSUERS[rider.issuer].id),
      }
      return rideCode(platform, rider, now, { changes, signedBy: platform.keys[other] })
    },
  },
  {
    id: 'made-up-account',
    zh: '伪造签名的账户授权',
    en: 'authorisation that the issuer did not sign',
    reason: 'bad-signature',
    code: (platform, rider, now) => rideCode(platform, rider, now, { signedBy: strangersRideKey() }),
  },
  {
    id: 'made-senior',
    zh: '改成老年账户的乘车码',
    en: 'ordinary account altered to a senior’s',
    reason: 'bad-signature',
    code: (platform, rider, now) => {
      const code = rideCode(platform, rider, now, { changes: { accountType: 'ordinary' } })
      code[ACCOUNT_TYPE.offset] = ACCOUNT_TYPE.senior
      return code
    },
  },
  {
    id: 'authorisation-over',
    zh: '授权已过期的乘车码',
    en: 'phone that was offline for more than a day',
    reason: 'expired',
    code: (platform, rider, now) => rideCode(platform, rider, now, { at: now - AUTHORISATION_SECONDS }),
  },
  {
    id: 'another-phone',
    zh: '他人手机生成的乘车码',
    en: 'code made with another account’s key',
    reason: 'proof-bad',
    code: (platform, rider, now) => rideCode(platform, rider, now, { shownBy: strangersRideKey() }),
  },
  {
    id: 'screenshot',
    zh: '两分钟前的截图',
    en: 'screenshot more than two minutes old',
    reason: 'proof-stale',
    code: (platform, rider, now) => rideCode(platform, rider, now, { generatedAt: now - RIDE_CODE_SECONDS - 1 }),
  },
  {
    id: 'phone-ahead',
    zh: '手机时间过快',
    en: 'phone whose clock is ahead',
    reason: 'proof-future',
    code: (platform, rider, now) => rideCode(platform, rider, now, { generatedAt: now + PHONE_AHEAD_SECONDS }),
  },
  {
    id: 'lost-card',
    zh: '已挂失的乘车账户',
    en: 'account reported lost',
    reason: 'denied-credential',
    code: (platform, rider, now) => rideCode(platform, lostRider(platform, rider), now),
  },
  {
    id: 'cut',
    zh: '残缺的乘车码',
    en: 'half a ride code',
    reason: 'malformed',
    code: (platform, rider, now) => {
      const code = rideCode(platform, rider, now)
      return code.subarray(0, code.length >> 1)
    },
  },
]
