import type {
  AlarmPayload,
  Catalogue,
  Outcome,
  ReasonSymbol,
  RecordBody,
  SignalColour,
  TimeTrust,
} from '@ankang/protocol'
import type { ControllerScene, Words } from '../scenes/controller-scene.ts'
import type { StoredShowing } from '../store/record-reader.ts'

/** One showing as the page and the API give it. No field can name a person. */
export interface ShowingView {
  readonly site: string
  readonly device: string
  /** Hex. */
  readonly epoch: string
  readonly seq: number
  readonly timeMs: number
  readonly timeTrust: TimeTrust
  readonly scene: string
  readonly outcome: Outcome
  readonly reason: string
  readonly zh: string
  readonly en: string
  readonly symbol: ReasonSymbol
  readonly signalColour: SignalColour
  /** What the scene says of an admission; null where it says nothing. */
  readonly note: Words | null
  readonly family: string | null
  readonly colour: string | null
  /** Milliseconds; null where the record has none. */
  readonly stages: {
    readonly read: number
    readonly recognise: number
    readonly verify: number
    readonly decide: number
  } | null
  readonly receivedMs: number
}

export interface DeviceView {
  readonly site: string
  readonly device: string
  /** A state of formats.md §6, or `unknown` while nothing has been heard since this controller started. */
  readonly state: string
  readonly scene: string | null
  readonly recordsStored: number
  readonly showingsStored: number
  readonly duplicates: number
  readonly gaps: number
  /** Records the device has and this store has not, as last heard. */
  readonly backlog: number
  /** How far the device's own chain goes, as last heard. */
  readonly head: { readonly epoch: string; readonly seq: number } | null
  /** In the newest epoch. */
  readonly storedThrough: number
  readonly lastSeenMs: number | null
  readonly lastShowing: ShowingView | null
  readonly lastAlarm: AlarmPayload | null
  /** By the broker's word. */
  readonly connected: boolean
  /** When its present run was first heard of; null while it was not, since this controller started. */
  readonly bootedMs: number | null
  readonly firmware: string | null
  readonly hardware: string | null
  /** How far its clock can be trusted, by its own word; null where it has not said so. */
  readonly clock: TimeTrust | null
  /** Whether nobody is let in, by its own word; null where it has not said so. */
  readonly lockdown: boolean | null
  /** What it made of the desired state, by its own word. */
  readonly reported: ReportedView | null
  /** 0 where none was ever set. */
  readonly desiredVersion: number
  /** Records put aside since it was revoked. */
  readonly quarantined: number
  readonly revoked: boolean
}

export interface ReportedView {
  /** The desired version in force; 0 where none is. */
  readonly version: number
  /** Why a newer one is not. */
  readonly error: { readonly version: number | null; readonly detail: string } | null
}

/**
 * Passes on only the words that this build knows: a name or a number in a field for a scene, a reason or a family must
 * not get onto the page.
 */
export function knownScene(catalogue: Catalogue, scene: string | undefined): string {
  return catalogue.scenes.find(({ name }) => name === scene)?.name ?? 'unknown'
}

function knownFamily(catalogue: Catalogue, family: string | undefined): string | null {
  return catalogue.families.find(({ name }) => name === family)?.name ?? null
}

function noteOn(scenes: readonly ControllerScene[], { scene, outcome, sceneMap }: RecordBody): Words | null {
  if (outcome !== 'admit' || sceneMap === undefined) return null
  return scenes.find(({ name }) => name === scene)?.describe(sceneMap) ?? null
}

const TENTHS = 10

interface Vocabulary {
  readonly catalogue: Catalogue
  readonly scenes: readonly ControllerScene[]
}

export function showingView({ catalogue, scenes }: Vocabulary, { body, ...place }: StoredShowing): ShowingView {
  const reason = catalogue.reasons.get(body.reason ?? '')
  const { stages } = body
  return {
    ...place,
    timeMs: body.timeMs,
    timeTrust: body.timeTrust,
    scene: knownScene(catalogue, body.scene),
    // a showing without an outcome admitted nobody
    outcome: body.outcome ?? 'deny',
    reason: reason?.id ?? 'unknown',
    zh: reason?.zh ?? '未知原因',
    en: reason?.en ?? 'A reason not known to this controller',
    symbol: reason?.symbol ?? 'question',
    signalColour: reason?.colour ?? 'grey',
    note: noteOn(scenes, body),
    family: knownFamily(catalogue, body.family),
    colour: body.colour ?? null,
    stages:
      stages === undefined
        ? null
        : {
            read: stages.read / TENTHS,
            recognise: stages.recognise / TENTHS,
            verify: stages.verify / TENTHS,
            decide: stages.decide / TENTHS,
          },
  }
}
