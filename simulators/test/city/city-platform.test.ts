import { compileTrust, parseTrustFile, statusAt, toHex } from '@ankang/protocol'
import { describe, expect, it } from 'vitest'
import type { CityPlatform, IssuedCarrier } from '../../src/city/city-platform.ts'
import { STATUS_LIST_ID } from '../../src/city/issuing-keys.ts'
import type { Resident } from '../../src/city/resident.ts'
import { PLACES, type ResidentGroup, type Standing } from '../../src/city/resident-shares.ts'
import { NOW, testCity } from '../fixtures/test-city.ts'

function someone(city: CityPlatform, group: ResidentGroup, standing: Standing): Resident {
  const resident = city.findResident(group, standing, 0)
  if (resident === null) expect.fail(`no ${standing} ${group} in the test city`)
  return resident
}

function publishedTrust(city: CityPlatform, asOf = NOW) {
  return compileTrust(parseTrustFile({ version: 1, ...city.publish(asOf) }))
}

/** What the published list says of a credential just issued. */
function listed(city: CityPlatform, resident: Resident, carrier: IssuedCarrier, olderPrint = false): number | null {
  const { claims } = city.issue({ resident, carrier, at: NOW, olderPrint })
  const list = publishedTrust(city).statusList(claims.status?.list ?? 0, claims.issuer)
  return list === null ? null : statusAt(list.entries, claims.status?.index ?? -1)
}

describe('the city platform', () => {
  it('never gives the same pseudonym or credential id twice, to one resident or in another run', () => {
    const issues = [testCity(2000, 1), testCity(2000, 2)].flatMap(city =>
      Array.from({ length: 50 }, () => city.issue({ resident: city.resident(3), carrier: 'phone', at: NOW }).claims),
    )
    expect(new Set(issues.map(({ subject }) => toHex(subject))).size).toBe(100)
    expect(new Set(issues.map(({ credentialId }) => toHex(credentialId))).size).toBe(100)
  })

  it('moves the status index on at each issue of a phone code', () => {
    const city = testCity()
    const indexes = Array.from(
      { length: 6 },
      () => city.issue({ resident: city.resident(3), carrier: 'phone', at: NOW }).claims.status?.index,
    )
    expect(new Set(indexes).size).toBe(6)
  })

  it('gives every resident and slot an index of its own', () => {
    const city = testCity(300)
    const indexes = Array.from({ length: 300 }, (_, index) => city.resident(index)).flatMap(resident => [
      ...Array.from({ length: 6 }, () => city.issue({ resident, carrier: 'phone', at: NOW }).claims.status?.index),
      city.issue({ resident, carrier: 'paper', at: NOW }).claims.status?.index,
      city.issue({ resident, carrier: 'paper', at: NOW, olderPrint: true }).claims.status?.index,
    ])
    expect(new Set(indexes).size).toBe(2400)
    expect(Math.max(...indexes.map(Number))).toBe(2399)
  })

  it.each([
    ['green', 0],
    ['revoked', 1],
    ['red', 2],
    ['yellow', 3],
  ] as const)('lists who stands %s as %d, whatever carries the code', (standing, value) => {
    const city = testCity()
    for (let issue = 0; issue < 6; issue++)
      expect(listed(city, someone(city, 'ordinary', standing), 'phone')).toBe(value)
    expect(listed(city, someone(city, 'ordinary', standing), 'online')).toBe(value)
    expect(listed(city, someone(city, 'visitor', 'green'), 'phone')).toBe(0)
  })

  it('lists the older print of a paper code as revoked and the newer one by its holder', () => {
    const city = testCity()
    const holder = someone(city, 'elderly', 'green')
    expect(listed(city, holder, 'paper')).toBe(0)
    expect(listed(city, holder, 'paper', true)).toBe(1)
  })

  it('dates its lists by when they were read, and has one for each place that is trusted', () => {
    const { statusLists } = testCity(300).publish(NOW - 5)
    expect(statusLists.map(({ id, issuer, asOf }) => ({ id, issuer, asOf }))).toEqual([
      { id: STATUS_LIST_ID, issuer: PLACES.county, asOf: NOW - 5 },
      { id: STATUS_LIST_ID, issuer: PLACES.neighbour, asOf: NOW - 5 },
    ])
  })

  it('says nothing of its residents on the list of another place', () => {
    const city = testCity(300)
    const wrongOnes = [...city.readStatus(PLACES.neighbour)].filter(value => value > 1).length
    const ownWrongOnes = Array.from({ length: 300 }, (_, index) => city.resident(index)).filter(
      ({ issuer, standing }) => issuer === PLACES.neighbour && (standing === 'red' || standing === 'yellow'),
    ).length
    expect(wrongOnes).toBeLessThanOrEqual(ownWrongOnes * 7)
  })

  it('keeps codes within the validity their carrier may have', () => {
    const city = testCity(300)
    const validity = (carrier: IssuedCarrier) => {
      const { claims } = city.issue({ resident: city.resident(0), carrier, at: NOW })
      return claims.expiresAt - claims.issuedAt
    }
    expect(validity('online')).toBeLessThanOrEqual(600)
    expect(validity('phone')).toBe(86_400)
    expect(validity('paper')).toBe(180 * 86_400)
  })

  it('puts its withdrawn credentials on the deny list', () => {
    const city = testCity(300)
    const trust = publishedTrust(city)
    const withdrawn = city.withdrawnCredentialIds()
    expect(withdrawn).toHaveLength(4)
    for (const id of withdrawn) expect(trust.isDenied('ak1', PLACES.county, id)).toBe(true)
  })
})
