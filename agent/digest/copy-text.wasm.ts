/** The escapes of COPY's text format, as CopyAttributeOutText in src/backend/commands/copyto.c writes them: no others occur. */
// @ts-nocheck: AssemblyScript

export const TAB: u8 = 0x09
export const NEWLINE: u8 = 0x0a
export const RETURN: u8 = 0x0d
export const BACKSLASH: u8 = 0x5c

/** The byte that a letter behind a backslash stands for. */
export function meaning(letter: u8): u8 {
  switch (letter) {
    case 0x62: // b
      return 0x08
    case 0x66: // f
      return 0x0c
    case 0x6e: // n
      return 0x0a
    case 0x72: // r
      return 0x0d
    case 0x74: // t
      return 0x09
    case 0x76: // v
      return 0x0b
    default:
      return letter
  }
}

/** The letter that a byte is written as behind a backslash, or 0 where it stands for itself. */
export function letterOf(byte: u8): u8 {
  switch (byte) {
    case 0x08:
      return 0x62
    case TAB:
      return 0x74
    case NEWLINE:
      return 0x6e
    case 0x0b:
      return 0x76
    case 0x0c:
      return 0x66
    case RETURN:
      return 0x72
    case BACKSLASH:
      return BACKSLASH
    default:
      return 0
  }
}
