import { UnrecognizedActionError } from 'next/dist/client/components/unrecognized-action-error'
import { expect, test } from 'vitest'
import { callAction } from '@/components/form/call-action'

const messageOf = async (error: Error) => {
  const result = await callAction(async () => {
    throw error
  }, undefined)
  return result.ok ? '' : result.error.message
}

test('callAction() tells a portal that does not answer from one that was updated', async () => {
  expect(await messageOf(new TypeError('Failed to fetch'))).toMatch(/^The portal did not answer\./)
  expect(await messageOf(new UnrecognizedActionError('gone'))).toMatch(
    /^The portal was updated after this page was opened\..* load the page again\.$/,
  )
  const chunk = Object.assign(new Error('Failed to load chunk'), { name: 'ChunkLoadError' })
  expect(await messageOf(chunk)).toMatch(/^The portal was updated/)
})
