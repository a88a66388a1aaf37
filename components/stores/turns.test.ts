import { expect, test } from 'vitest'
import { takeTurns } from './turns'

function asker(inTurn: ReturnType<typeof takeTurns>) {
  const begun: string[] = []
  const ask = (name: string, signal = new AbortController().signal) => {
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    const asked = inTurn(signal, () => {
      begun.push(name)
      return promise
    })
    return { asked, answer: () => resolve(name), fail: () => reject(new Error(name)) }
  }
  return { begun, ask }
}
const settle = () => new Promise((resolve) => setImmediate(resolve))

test('takeTurns() lets so many in at once, the others in their order, whatever became of those before', async () => {
  const { begun, ask } = asker(takeTurns(2))
  const [a, b, c, d] = [ask('a'), ask('b'), ask('c'), ask('d')]
  await settle()
  expect(begun).toEqual(['a', 'b'])
  b.fail()
  await expect(b.asked).rejects.toThrow('b')
  await settle()
  expect(begun).toEqual(['a', 'b', 'c'])
  for (const one of [a, c, d]) one.answer()
  expect(await Promise.all([a.asked, c.asked, d.asked])).toEqual(['a', 'c', 'd'])
})

test('takeTurns() passes over who gave up waiting', async () => {
  const { begun, ask } = asker(takeTurns(1))
  const leaving = new AbortController()
  const [a, b, c] = [ask('a'), ask('b', leaving.signal), ask('c')]
  leaving.abort(new Error('left'))
  await expect(b.asked).rejects.toThrow('left')
  a.answer()
  c.answer()
  expect(await c.asked).toBe('c')
  expect(begun).toEqual(['a', 'c'])
})
