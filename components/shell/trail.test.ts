import { describe, expect, it } from 'vitest'
import { paths } from '@/lib/paths'
import { factoryOf, trailOf } from './trail'

const labels = (pathname: string) => trailOf(pathname).map(({ label }) => label)

describe('trailOf()', () => {
  it('names the area of the tenant', () => {
    expect(labels(paths.factories())).toEqual(['Factories'])
    expect(labels(paths.audit())).toEqual(['Audit'])
    expect(labels('/')).toEqual([])
  })

  it('leads from the factory over the area to the named thing', () => {
    expect(labels(paths.factory('acme'))).toEqual(['acme'])
    expect(labels(paths.runtimes('acme'))).toEqual(['acme', 'Runtimes'])
    expect(labels(paths.runtime('acme', 'plant 7', 'install'))).toEqual(['acme', 'Runtimes', 'plant 7'])
    expect(labels(paths.node('acme', 'plant-7', 'n1'))).toEqual(['acme', 'Runtimes', 'plant-7'])
    expect(labels(paths.copyWizard('acme'))).toEqual(['acme', 'Copy data'])
  })

  it('leaves a run to its page’s title', () => {
    expect(labels(paths.run('acme', '0190b5c0-0000-7000-8000-000000000000'))).toEqual(['acme', 'Runs'])
  })

  it('gives each crumb its address', () => {
    expect(trailOf(paths.runtime('a/b', 'c d', 'queue')).map(({ href }) => href)).toEqual([
      paths.factory('a/b'),
      paths.runtimes('a/b'),
      paths.runtime('a/b', 'c d'),
    ])
  })

  it('survives an address that is no valid encoding', () => {
    expect(labels('/factories/%E0%A4%A/runs')).toEqual(['%E0%A4%A'])
  })
})

describe('factoryOf()', () => {
  it('is null outside factories', () => {
    expect(factoryOf('/factories')).toBeNull()
    expect(factoryOf('/audit')).toBeNull()
    expect(factoryOf('/factories/acme/runs')).toBe('acme')
  })
})
