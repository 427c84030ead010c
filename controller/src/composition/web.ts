import { readFile } from 'node:fs/promises'
import { catalogue } from '@ankang/protocol'
import { apiRoutes } from '../api/api-routes.ts'
import { EventStream } from '../api/event-stream.ts'
import { buildHttpsServer, type HttpsServer, type HttpsServerParts } from '../api/https-server.ts'
import type { Route } from '../api/route.ts'
import type { ServerCertificate } from '../api/tls-server.ts'
import { showingView } from '../fleet/views.ts'
import { EnrolmentDesk } from '../identity/enrolment-desk.ts'
import { revokeDevice } from '../identity/revoke-device.ts'
import { scenes } from '../index.ts'
import type { makePeople } from '../people/make-people.ts'
import { PEOPLE_LIMITS } from '../people/people-limits.ts'
import { ShowingTags } from '../store/showing-tags.ts'
import { SqliteEnrolmentCodes } from '../store/sqlite-enrolment-codes.ts'
import { StoreFigures } from '../store/store-figures.ts'
import type { Ground } from './ground.ts'
import type { Line } from './line.ts'

const RENEWAL_CHECK_MS = 24 * 3_600_000
const TAGS_CATCH_UP_MS = 60_000
const EXPIRING_MS = 14 * 24 * 3_600_000

type Accounts = ReturnType<typeof makePeople>

/** Given by whoever runs this, or of the house's own authority. */
async function pageCertificate({ config, serverCertificate }: Ground): Promise<ServerCertificate> {
  const { certificateFile, keyFile } = config.http
  if (certificateFile === undefined || keyFile === undefined) return serverCertificate()
  return { certificatePem: await readFile(certificateFile, 'utf8'), keyPem: await readFile(keyFile, 'utf8') }
}

function routesOf(ground: Ground, line: Line, { people, operators, tokens }: Accounts, stream: EventStream) {
  const { store, registry, authority, audit, refusals, config, nowMs, random } = ground
  const { fleet, reader, orders, desired, ingest, metrics } = line
  const codes = new SqliteEnrolmentCodes(store)
  const desk = new EnrolmentDesk({
    registry,
    codes,
    authority,
    trustFile: config.trustFile,
    audit,
    refusals,
    nowMs,
    random,
  })
  const tags = new ShowingTags(store.db, reader)
  ground.running.every(TAGS_CATCH_UP_MS, () => tags.catchUp())
  return apiRoutes({
    sessions: { people },
    live: { fleet, tallies: line.tallies, stream },
    devices: { fleet, registry, desiredBook: line.desiredBook },
    lookUps: { tags, view: showing => showingView({ catalogue, scenes }, showing), audit },
    orders: { desk: orders, desired, audit },
    enrolment: {
      desk,
      revoke: revocation => revokeDevice({ registry, codes, audit }, revocation),
    },
    operators,
    tokens,
    audit,
    health: { readiness: () => ({ store: ingest.storeFault === null, broker: line.broker.isListening }) },
    metrics,
  })
}

function isForBoxes({ access, path }: Route): boolean {
  return access === 'public' && (path === '/enrolment' || path.startsWith('/enrolment/'))
}

function watchAll({ store, refusals, nowMs }: Ground, line: Line, server: HttpsServer, stream: EventStream): void {
  const figures = new StoreFigures(store.db)
  line.metrics.watch({
    tally: () => line.tallies.total(),
    devices: () => line.fleet.deviceViews(),
    refused: () => refusals.counts(),
    connections: () => line.broker.connections(),
    watchers: () => stream.clients,
    batches: () => figures.batches(),
    storeBytes: () => figures.bytes(),
    sessions: () => figures.sessions(nowMs() - PEOPLE_LIMITS.sessionIdleMs),
    auditEntries: () => figures.auditEntries(),
    serverCertificateNotAfterMs: () => server.certificateNotAfterMs(),
    certificatesExpiring: () => figures.certificatesExpiringBy(nowMs() + EXPIRING_MS),
  })
}

/** Where the page and the API are, and where boxes enrol. */
interface WebAddresses {
  /** https://…/. */
  readonly httpUrl: string
  /** An origin; the page's own where no second door is open. */
  readonly deskUrl: string
}

type Certify = () => Promise<ServerCertificate>

/** Builds a server whose certificate is renewed in time; the caller has it listen. */
async function keepServer(ground: Ground, parts: Omit<HttpsServerParts, 'certificate'>, certify: Certify) {
  const { running } = ground
  const server = await buildHttpsServer({ ...parts, certificate: await certify() })
  running.onClose(() => server.close())
  running.every(RENEWAL_CHECK_MS, async () => server.replaceCertificate(await certify()))
  return server
}

/** Starts page and API, and the desk's own door where there is to be one. Throws `port-taken`, `listen-failed`. */
export async function startWeb(ground: Ground, line: Line, accounts: Accounts): Promise<WebAddresses> {
  const { config, audit, log, nowMs, running } = ground
  const { deskPort, ...address } = config.http
  const stream = new EventStream(line.feed)
  const routes = routesOf(ground, line, accounts, stream)
  const { people, tokens } = accounts
  const onAnswer: HttpsServerParts['onAnswer'] = answer => line.metrics.countAnswer(answer)
  const around = { people, tokens, audit, log, nowMs, onAnswer }
  const server = await keepServer(ground, { ...around, routes }, () => pageCertificate(ground))
  running.onClose(() => stream.close())
  const httpUrl = await server.listen(address)
  watchAll(ground, line, server, stream)
  if (deskPort === undefined) return { httpUrl, deskUrl: new URL(httpUrl).origin }
  const forBoxes = { routes: routes.filter(isForBoxes), hasPage: false }
  const desk = await keepServer(ground, { ...around, ...forBoxes }, ground.serverCertificate)
  return { httpUrl, deskUrl: new URL(await desk.listen({ ...address, port: deskPort })).origin }
}
