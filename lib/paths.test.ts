import { describe, expect, it } from 'vitest'
import { paths, withQuery } from './paths.ts'

describe('paths', () => {
  it('puts a runtime and its nodes below their factory', () => {
    expect(paths.runtime('acme', 'plant-7')).toBe('/factories/acme/runtimes/plant-7')
    expect(paths.runtime('acme', 'plant-7', 'nodes')).toBe('/factories/acme/runtimes/plant-7')
    expect(paths.runtime('acme', 'plant-7', 'install')).toBe('/factories/acme/runtimes/plant-7/install')
    expect(paths.node('acme', 'plant-7', 'n1')).toBe('/factories/acme/runtimes/plant-7/nodes/n1')
  })

  it('escapes names that would otherwise change the address', () => {
    expect(paths.pipeline('acme', 'a/b ?#%')).toBe('/factories/acme/pipelines/a%2Fb%20%3F%23%25')
  })

  it('keeps the home page a single slash', () => {
    expect(paths.home()).toBe('/')
  })
})

describe('withQuery()', () => {
  it('leaves out parameters without a value', () => {
    expect(withQuery('/runs', { status: 'Failed', q: '', cursor: null, page: undefined })).toBe(
      '/runs?status=Failed',
    )
    expect(withQuery('/runs', {})).toBe('/runs')
  })

  it('encodes values', () => {
    expect(paths.search('a&b c')).toBe('/api/search?q=a%26b+c')
  })
})
