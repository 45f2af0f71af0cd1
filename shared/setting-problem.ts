/** What a wrong setting is reported as, and how settings are read. */

export interface SettingProblem {
  readonly setting: string;
  /** Never quotes the value of a connection string. */
  readonly problem: string;
  readonly mend: string;
}

/** A setting's trimmed value, its default, or the empty text. */
export type ReadSetting = (name: string) => string;
