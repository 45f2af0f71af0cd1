/** FNV-1a, 32 bits: short, and of the few texts that are compared hardly ever two meet in it. No secret. */
export function digest(text: string): string {
  let hash = 0x811c_9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x0100_0193);
  return (hash >>> 0).toString(36);
}
