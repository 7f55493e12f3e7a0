/** Lengths of time in milliseconds. A day of a time zone can be longer or shorter than `dayMs`: see `periods`. */
export const secondMs = 1000;
export const minuteMs = 60 * secondMs;
export const quarterHourMs = 15 * minuteMs;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;
