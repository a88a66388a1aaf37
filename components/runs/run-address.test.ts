import { expect, test } from 'vitest'
import { viewOf } from '@/components/runs/run-address'
import { RunView } from '@/lib/runs/schemas'

test.each(['', 'activity=copy&parts=200&level=debug', 'parts=-1&level=loud', 'parts=1.5&activity='])(
  'viewOf(%o) reads an address as the server does',
  (address) => {
    const search = new URLSearchParams(address)
    const onServer = RunView.parse(Object.fromEntries(search))
    expect(viewOf(search)).toEqual({ ...onServer, ...(onServer.activity ? {} : { activity: undefined }) })
  },
)
