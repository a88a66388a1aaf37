import { z } from 'zod'
import { Id, ResourceName } from '@/lib/protocol/scalars'

export const Tags = z
  .record(z.string().trim().min(1, 'A tag needs a name').max(128), z.string().trim().max(256))
  .refine((tags) => Object.keys(tags).length <= 50, 'Use at most 50 tags')
const Description = z.string().trim().max(2000, 'Use at most 2,000 characters')

export const CreateFactoryInput = z.object({
  name: ResourceName,
  description: Description.default(''),
  tags: Tags.default({}),
})
export const UpdateFactoryInput = z.object({ factoryId: Id, description: Description, tags: Tags })
export const DeleteFactoryInput = z.object({ factoryId: Id, confirmName: z.string() })
