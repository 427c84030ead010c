import {
  type Ak1Claims,
  type Ak1Proof,
  catalogue,
  compileTrust,
  type Decision,
  type DeviceState,
  decide,
  encodeAk1Text,
  encodeCredential,
  encodeProof,
  encodeStatusList,
  exportEd25519,
  HEALTHY,
  keyId,
  makeCatalogue,
  type PrivateKey,
  parsePolicy,
  parseTrustFile,
  privateKeyFromSeed,
  recognise,
  refusal,
  type Scene,
  type TrustFile,
  type TrustFileIssuer,
  toHex,
  utf8,
  type Verification,
  verify,
} from '@ankang/protocol'

export const NOW = 1_780_000_000

/** The Ed25519 key of a number: the same in every run. */
export function keyOf(number: number): PrivateKey {
  return privateKeyFromSeed(new Uint8Array(32).fill(number))
}

export const ISSUER_KEY = keyOf(1)
export const PHONE_KEY = keyOf(2)
export const STRANGER_KEY = keyOf(3)
const ISSUER_PUBLIC = exportEd25519(ISSUER_KEY)
export const ISSUER_KID = keyId(ISSUER_PUBLIC)

/** One showing and everything around it. As made by `world()` it is admitted; a test breaks what it is about. */
export interface World {
  now: number
  claims: Ak1Claims
  /** Null: no proof is shown. */
  proof: Ak1Proof | null
  signWith: PrivateKey
  proveWith: PrivateKey
  issuer: TrustFileIssuer
  /** Value of the code's entry in the status list. */
  status: number
  statusAsOf: number
  denied: TrustFile['denied']
  policy: Record<string, unknown>
  scene: Scene | null
  site: string | null
  challenge: Uint8Array | null
  state: DeviceState
  accepted: boolean
  /** What happens to the text on its way. */
  damage: (text: string) => string
}

export function world(): World {
  return {
    now: NOW,
    claims: {
      issuer: '341523',
      subject: new Uint8Array(16).fill(7),
      expiresAt: NOW + 600,
      notBefore: NOW - 60,
      issuedAt: NOW - 60,
      credentialId: new Uint8Array(12).fill(9),
      phoneKey: exportEd25519(PHONE_KEY),
      kind: 'person',
      stamp: { colour: 1, asOf: NOW - 60 },
      maskedName: '张*三',
      nat: { positive: false, sampledAt: NOW - 3600 },
      doses: 3,
      status: { list: 1, index: 5 },
      entitlements: [],
      paper: false,
    },
    proof: { shownAt: NOW, site: null, challenge: null },
    signWith: ISSUER_KEY,
    proveWith: PHONE_KEY,
    issuer: {
      id: '341523',
      alg: 'EdDSA',
      publicKey: toHex(ISSUER_PUBLIC),
      notBefore: 0,
      notAfter: NOW + 86_400,
      families: ['ak1'],
      kinds: ['person', 'companion', 'enterprise'],
    },
    status: 0,
    statusAsOf: NOW - 30,
    denied: [],
    policy: {
      scene: 'hall-door',
      families: ['ak1'],
      kinds: ['person'],
      colours: ['green'],
      paper: true,
      proofWindowSeconds: 60,
      futureSkewSeconds: 20,
      replaySeconds: 300,
    },
    scene: null,
    site: null,
    challenge: null,
    state: HEALTHY,
    accepted: false,
    damage: text => text,
  }
}

export function textOf({ claims, proof, signWith, proveWith, damage }: World): string {
  const credential = encodeCredential(claims, signWith, ISSUER_KID)
  return damage(encodeAk1Text(credential, proof === null ? undefined : encodeProof(proof, credential, proveWith)))
}

function surroundings(shown: World) {
  const scenes = shown.scene === null ? [] : [shown.scene]
  const { families, reasons } = makeCatalogue(catalogue.families, scenes)
  const values = Array.from({ length: 8 }, (_, index) => (index === 5 ? shown.status : 0))
  const trust = compileTrust(
    parseTrustFile({
      version: 1,
      issuers: [shown.issuer],
      statusLists: [
        { id: 1, asOf: shown.statusAsOf, bits: 2, lst: Buffer.from(encodeStatusList(values)).toString('base64url') },
      ],
      denied: shown.denied,
    }),
  )
  const policy = parsePolicy(shown.policy, { reasons, scenes })
  return { families, reasons, trust, policy, now: shown.now, site: shown.site, challenge: shown.challenge }
}

/** Rows 1 to 15: what verification says of a text in this world. */
export function verifyShown(shown: World, text = textOf(shown)): Verification {
  const context = surroundings(shown)
  const recognition = recognise({ bytes: utf8(text) }, context.families)
  return recognition.ok
    ? verify(recognition.claimed, context)
    : { ok: false, reason: recognition.reason, presentation: null }
}

/** The whole line from text to decision, as a device walks it. */
export function judge(shown: World, text = textOf(shown)): Decision {
  const context = surroundings(shown)
  const verification = verifyShown(shown, text)
  if (!verification.ok) return refusal(verification.reason, context.reasons)
  return decide(verification.presentation, {
    ...context,
    scene: shown.scene,
    state: shown.state,
    situation: null,
    markedUntil: () => (shown.accepted ? shown.now + 1 : null),
  })
}
