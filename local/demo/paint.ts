/** Colours on a terminal, and plain words elsewhere. */

import { styleText } from "node:util";

export interface Paint {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  /** The value of the demo's secret `color`: a block in that colour, and its name. */
  readonly colour: (value: string | undefined) => string;
}

export const plainPaint: Paint = {
  bold: (text) => text,
  dim: (text) => text,
  good: (text) => text,
  bad: (text) => text,
  colour: (value) => shownName(value),
};

export const terminalPaint: Paint = {
  bold: painter("bold"),
  dim: painter("dim"),
  good: painter("green"),
  bad: painter("red"),
  colour: (value) => `${block(value)} ${shownName(value)}`,
};

function painter(format: "bold" | "dim" | "green" | "red"): (text: string) => string {
  return (text) => styleText(format, text, { validateStream: false });
}

/** Places in the terminal's palette of 256. */
const palette: Readonly<Record<string, number>> = {
  blue: 33,
  orange: 208,
  green: 34,
  red: 160,
  yellow: 220,
  purple: 135,
  pink: 205,
  brown: 130,
  black: 16,
  white: 231,
  grey: 245,
  gray: 245,
};

function block(value: string | undefined): string {
  const place = palette[value ?? ""];
  return place === undefined ? "··" : `\u001B[38;5;${place}m██\u001B[39m`;
}

/** Whoever sets the secret in `--keep` may set anything; only what looks like a colour is shown. */
function shownName(value: string | undefined): string {
  if (value === undefined) return "-";
  return /^[A-Za-z0-9#-]{1,20}$/.test(value) ? value : "(no colour)";
}
