/** The rig can't run or be built on this machine as it is. */
export class MissingNeed extends Error {
  override readonly name = "MissingNeed";
}
