/** Answer of every `down`: the way back would lose what was written since. */
export const forwardOnly = (): Promise<never> =>
  Promise.reject(new Error('migrations go forward only: restore a backup to go back'));
