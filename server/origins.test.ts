import { expect, test } from 'vitest'
import { makeAuthority, makeServerCertificate } from '@/server/local-authority'
import { originsOf } from '@/server/origins'

test('originsOf() names the public address, this machine and every name of the certificate', async () => {
  const authority = await makeAuthority('test')
  const { cert } = await makeServerCertificate(authority, ['plant.example.com', '10.1.2.3', '::1'])
  expect(originsOf({ publicUrl: 'https://sallyport.example.com', port: 8443, certPem: cert })).toEqual([
    'https://sallyport.example.com',
    'https://localhost:8443',
    'https://127.0.0.1:8443',
    'https://[::1]:8443',
    'https://plant.example.com:8443',
    'https://10.1.2.3:8443',
  ])
})

test('originsOf() speaks plain HTTP only of this machine when a proxy does TLS', () => {
  expect(originsOf({ publicUrl: 'https://sallyport.example.com/', port: 80, certPem: null })).toEqual([
    'https://sallyport.example.com',
    'http://localhost',
    'http://127.0.0.1',
    'http://[::1]',
  ])
})
