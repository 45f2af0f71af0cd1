/** The times in certificates (`parseValidity`): two that Go can read and would write in the same way. */

import { bytesToText } from "../binary-text.ts";
import { tags } from "../cryptobyte.ts";
import type { ByteString } from "../cryptobyte.ts";
import { DerError } from "../der-content.ts";
import { Refusal } from "../refusal.ts";

/** Throws Refusal. */
export function checkValidity(validity: ByteString): void {
  checkTime(validity);
  checkTime(validity);
}

function checkTime(reader: ByteString): void {
  const { tag, content } = reader.any();
  if (tag !== tags.utcTime && tag !== tags.generalizedTime) throw new DerError("unsupported time format");
  const text = bytesToText(content);
  // Go reads zones too; what it makes of odd ones is not worth a guess.
  if (/^\d{10,14}[-+]\d{4}$/.test(text)) throw new Refusal("unsupported", "a time in it has a zone");
  const pattern = tag === tags.utcTime ? utcTime : generalizedTime;
  const found = pattern
    .exec(text)
    ?.slice(1)
    .map((part) => Number(part ?? 0));
  if (found === undefined || !isTime(found)) throw new DerError("malformed time");
}

// Go takes a UTCTime without seconds, which RFC 5280 does not allow.
const utcTime = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?Z$/;
const generalizedTime = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/;

function isTime([year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0]: readonly number[]): boolean {
  // The years 0 to 99 of a UTCTime are leap years where 2000 to 2099 or 1969 to 1999 are.
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
  return day >= 1 && day <= days && hour < 24 && minute < 60 && second < 60;
}
