/** Key of the row or series that stands for all others (contract, "Result frames"). A user may have this name: see `chooseKept`. */
export const othersKey = '(others)';
