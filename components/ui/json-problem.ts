export type JsonProblem = { message: string; line: number }

/** Why a text is no JSON, with the line (from 1); null if it is. Browsers' own messages often lack the place. */
export function findJsonProblem(text: string): JsonProblem | null {
  try {
    JSON.parse(text)
    return null
  } catch {
    const { at, reason } = locate(text)
    const line = text.slice(0, at).split('\n').length
    return { line, message: `Line ${line}: ${reason}` }
  }
}

class Misplaced extends Error {
  readonly at: number
  constructor(at: number, reason: string) {
    super(reason)
    this.at = at
  }
}

function locate(text: string): { at: number; reason: string } {
  try {
    const end = skipSpace(text, readValue(text, skipSpace(text, 0)))
    return { at: end, reason: 'nothing may follow the end of the JSON' }
  } catch (error) {
    if (error instanceof Misplaced) return { at: error.at, reason: error.message }
    throw error
  }
}

const space = /[ \t\r\n]*/y
// oxlint-disable-next-line no-control-regex -- JSON forbids control characters in strings
const string = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y
const literal = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])|(?:true|false|null)(?!\w)/y

function skipSpace(text: string, at: number): number {
  return matchEnd(space, text, at) ?? at
}

function matchEnd(pattern: RegExp, text: string, at: number): number | null {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : null
}

/** Where the value that begins at `at` ends. */
function readValue(text: string, at: number): number {
  const first = text[at]
  if (first === '{') return readMembers(text, at, '}')
  if (first === '[') return readMembers(text, at, ']')
  if (first === '"') return readString(text, at)
  const end = matchEnd(literal, text, at)
  if (end !== null) return end
  throw new Misplaced(
    at,
    first === undefined ? 'the text ends where a value must stand' : `${quote(text, at)} is no value`,
  )
}

function readMembers(text: string, open: number, close: '}' | ']'): number {
  const what = close === '}' ? 'object' : 'list'
  let at = skipSpace(text, open + 1)
  if (text[at] === close) return at + 1
  for (;;) {
    at = skipSpace(text, close === '}' ? readMember(text, at) : readValue(text, at))
    if (text[at] === close) return at + 1
    if (text[at] === undefined)
      throw new Misplaced(at, `the text ends before the ${what} is closed by ${close}`)
    if (text[at] !== ',') throw new Misplaced(at, `a comma or ${close} must stand before ${quote(text, at)}`)
    at = skipSpace(text, at + 1)
    if (text[at] === close) throw new Misplaced(at, `no comma may stand before ${close}`)
  }
}

function readMember(text: string, at: number): number {
  if (text[at] !== '"') {
    const found = text[at] === undefined ? 'the text ends' : `${quote(text, at)} stands`
    throw new Misplaced(at, `${found} where a name in double quotes must stand`)
  }
  const colon = skipSpace(text, readString(text, at))
  if (text[colon] !== ':') throw new Misplaced(colon, 'a colon must follow the name')
  return readValue(text, skipSpace(text, colon + 1))
}

function readString(text: string, at: number): number {
  const end = matchEnd(string, text, at)
  if (end !== null) return end
  throw new Misplaced(at, 'a text in double quotes is not closed, or holds a character that must be escaped')
}

/** The word at a place, short enough for a message. */
function quote(text: string, at: number): string {
  const word = /[\w.+-]{1,20}|./suy
  word.lastIndex = at
  return word.exec(text)?.[0] ?? ''
}
