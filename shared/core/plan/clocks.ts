/** More than the clocks of a vault and an API server differ. */
export const clocksDifferMs = 10_000;
