/**
 * Stands for the length of a text that compression hides: longer than any file, and 8,000 of them still add up exactly, as
 * positions of parts do.
 */
export const unknownTextLength = 2 ** 40
