import { afterAll, beforeAll, inject } from 'vitest'
import type { ContainerClient } from '@azure/storage-blob'
import { type BlobEmulator, createContainer, startBlobEmulator } from './blob-emulator.ts'
import { createTestDatabase, type TestDatabase } from './copy-harness.ts'
import { createTestFolder, type TestFolder } from './file-ends.ts'

type FileCopies = { database: TestDatabase; folder: TestFolder }

/** A database and a folder for the tests of one file. `tables`: SQL that fills the database. */
export function databaseAndFolder(tables = ''): FileCopies {
  const ends = {} as FileCopies
  beforeAll(async () => {
    ends.database = await createTestDatabase(inject('postgresUrl'))
    ends.folder = await createTestFolder()
    await ends.database.client.query(tables)
  })
  afterAll(async () => {
    await ends.database.drop()
    await ends.folder.remove()
  })
  return ends
}

type Lake = { emulator: BlobEmulator; container: ContainerClient }

/** The blob emulator with a container “lake”, for the tests of one file. */
export function blobLake(): Lake {
  const lake = {} as Lake
  beforeAll(async () => {
    lake.emulator = await startBlobEmulator()
    lake.container = await createContainer(lake.emulator, 'lake')
  })
  afterAll(() => lake.emulator.stop())
  return lake
}
