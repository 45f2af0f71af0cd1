/** Rights as YAML that a person reads before applying it: each rule says what it is for. */

import { Document, isMap, isSeq } from "yaml";
import type { Node } from "yaml";
import { printable } from "../shared/core/printable.ts";
import { bindingManifest, roleManifest } from "../shared/core/rbac-manifests.ts";
import type { NeededRights, RbacRole, RbacRule } from "../shared/core/rbac-rules.ts";

/** `user`: the name of the bridge's identity in the cluster. `title`: what these rights are, one line. */
export function rbacYaml({ roles, left }: NeededRights, user: string, title: string): string {
  const notes = left.length === 0 ? [] : ["", "Left out:", ...left.map((one) => `  ${one}`)];
  const head = [title, ...notes].map((line) => `# ${printable(line, 300)}`.trimEnd());
  const documents = roles.flatMap((role) => [roleYaml(role), new Document(bindingManifest(role, user)).toString()]);
  return [`${head.join("\n")}\n`, ...documents].join("---\n");
}

function roleYaml(role: RbacRole): string {
  const document = new Document(roleManifest(role));
  document.commentBefore = ` ${printable(role.why, 300)}`;
  const rules = document.get("rules");
  if (isSeq<Node>(rules)) {
    for (const [index, item] of rules.items.entries()) {
      const rule = role.rules[index];
      if (rule !== undefined) item.commentBefore = commentOf(rule);
      // Short lists in one line each, as people write them.
      if (isMap(item)) for (const { value } of item.items) if (isSeq(value)) value.flow = true;
    }
  }
  return document.toString({ lineWidth: 118, flowCollectionPadding: false });
}

function commentOf({ uses }: RbacRule): string {
  return uses.map(({ verb, why }) => ` ${verb}: ${why}`).join("\n");
}
