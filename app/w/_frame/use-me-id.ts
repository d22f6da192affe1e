import { people } from '@/features/profiles/store'
import { useStore } from '@/lib/store'

export const useMeId = () => useStore(people, (state) => state.meId)
