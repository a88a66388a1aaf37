import { log } from '@/lib/log'

// What a refused sign-in or a failed copy logs is expected here, and would hide what is not.
log.level = 'silent'
