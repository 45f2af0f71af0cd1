/** What an error status of a Kubernetes API server means to the bridge. */

import type { RemoteProblemKind } from "../remote-problem.ts";

/**
 * `message` is that of the Status body: it alone tells a missing permission from a denial by admission, both 403.
 * It is only looked at, never kept.
 */
export function problemKind(status: number, message: string): RemoteProblemKind {
  switch (status) {
    case 401:
      return "unauthorized";
    case 403:
      return admissionDenial.test(message) ? "rejected" : "forbidden";
    case 404:
      return "not-found";
    case 408:
      return "timeout";
    case 409:
      return "conflict";
    case 410:
      return "unavailable";
    case 429:
      return "throttled";
    default:
      return status >= 500 ? "unavailable" : "rejected";
  }
}

/** How webhooks, ValidatingAdmissionPolicies and the admission plug-ins for quota and pod security word a 403. */
const admissionDenial = /admission webhook|ValidatingAdmissionPolicy|exceeded quota|violates PodSecurity/;
