import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findJsonProblem } from './json-problem'

const said = (text: string) => findJsonProblem(text)?.message

describe('findJsonProblem()', () => {
  it('finds none in JSON', () => {
    fc.assert(fc.property(fc.json(), (text) => findJsonProblem(text) === null))
  })

  it('always says a line that exists when a character of JSON is lost or doubled', () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), fc.boolean(), (json, place, doubled) => {
        const at = place % json.length
        const text = doubled ? json.slice(0, at + 1) + json.slice(at) : json.slice(0, at) + json.slice(at + 1)
        const problem = findJsonProblem(text)
        return problem === null || (problem.line >= 1 && problem.line <= text.split('\n').length)
      }),
    )
  })

  it('says what stands wrong, and in which line', () => {
    expect(said('{\n  "a": 1,\n  "b": oops\n}')).toBe('Line 3: oops is no value')
    expect(said('{\n  "a": 1,\n}')).toBe('Line 3: no comma may stand before }')
    expect(said('[1\n 2]')).toBe('Line 2: a comma or ] must stand before 2')
    expect(said('{\n a: 1 }')).toBe('Line 2: a stands where a name in double quotes must stand')
    expect(said('{"a" 1}')).toBe('Line 1: a colon must follow the name')
    expect(said('{"a": 1}\n\n,')).toBe('Line 3: nothing may follow the end of the JSON')
    expect(said('{"a": 01}')).toBe('Line 1: 01 is no value')
    expect(said('{"a": "b\n"}')).toMatch(/^Line 1: a text in double quotes is not closed/)
  })

  it('says it when the text ends too early', () => {
    expect(said('')).toBe('Line 1: the text ends where a value must stand')
    expect(said('{\n  "a": [1,\n  2')).toBe('Line 3: the text ends before the list is closed by ]')
    expect(said('{"a": 1,')).toBe('Line 1: the text ends where a name in double quotes must stand')
  })
})
