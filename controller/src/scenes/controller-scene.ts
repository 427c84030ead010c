import type { CborMap, Command, RecordBody } from '@ankang/protocol'

export interface Words {
  readonly zh: string
  readonly en: string
}

/** The centre's side of a scene. Same file name as the scene in protocol. */
export interface ControllerScene {
  readonly name: string
  /**
   * A few words on an admitted showing for the live page; null where there is nothing to say. They are made of what this
   * side can read and check: a text it does not expect is not repeated, since it might be a person's name.
   */
  describe(sceneMap: CborMap): Words | null
  /**
   * The day (yyyymmdd) under which a record is counted: null where it is none of those this scene counts, 0 where it is
   * one and its day cannot be read. Absent where a scene counts nothing by days.
   */
  dayOf?(body: RecordBody): number | null
  /** What this scene adds to `ankang`. */
  readonly commands?: readonly Command[]
}
