/** What the API answers instead of an object: HTTP status and the `reason` of its Status body. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  readonly reason: ApiReason;

  constructor(status: number, reason: ApiReason, message: string) {
    super(message);
    this.status = status;
    this.reason = reason;
  }
}

export type ApiReason =
  | "BadRequest"
  | "Unauthorized"
  | "Forbidden"
  | "NotFound"
  | "AlreadyExists"
  | "Conflict"
  | "Expired"
  | "RequestEntityTooLarge"
  | "Invalid"
  | "TooManyRequests"
  | "InternalError"
  | "ServiceUnavailable";

export function isApiError(error: unknown, reason?: ApiReason): error is ApiError {
  return error instanceof ApiError && (reason === undefined || error.reason === reason);
}
