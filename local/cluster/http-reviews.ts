/** What the API server answers to who asks about itself, or about another: reviews are made, answered and not kept. */

import { ApiError } from "./api-error.ts";
import { at, textAt } from "./json.ts";
import type { JsonObject } from "./json.ts";

/** One call that somebody asks leave for, as RBAC names it. */
export interface AskedLeave {
  /** Who would make it. */
  readonly user: string;
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  /** Empty for all, and for what has none. */
  readonly namespace: string;
  /** Empty for all. */
  readonly name: string;
}

/** Name of the one who signs in, where the front is given none. */
export const defaultUser = "rotation-bridge";

/** The review with its answer; undefined for a path that is none. */
export function reviewed(
  path: string,
  body: JsonObject,
  user: string,
  allows: (asked: AskedLeave) => boolean,
): JsonObject | undefined {
  switch (path) {
    case "/apis/authentication.k8s.io/v1/selfsubjectreviews":
      return { ...body, status: { userInfo: { username: user, groups: ["system:authenticated"] } } };
    case "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews":
      return { ...body, status: { allowed: allows(askedIn(body, user)) } };
    case "/apis/authorization.k8s.io/v1/subjectaccessreviews":
      if (
        !allows({
          user,
          verb: "create",
          group: "authorization.k8s.io",
          resource: "subjectaccessreviews",
          namespace: "",
          name: "",
        })
      )
        throw new ApiError(403, "Forbidden", "subjectaccessreviews is forbidden");
      return { ...body, status: { allowed: allows(askedIn(body, textAt(body, "spec", "user"))) } };
    default:
      return undefined;
  }
}

function askedIn(body: JsonObject, user: string): AskedLeave {
  const asked = at(body, "spec", "resourceAttributes");
  const word = (name: string) => textAt(asked, name);
  return {
    user,
    verb: word("verb"),
    group: word("group"),
    resource: word("resource"),
    namespace: word("namespace"),
    name: word("name"),
  };
}
