// Loaded before the operator: its wall clock goes wrong by what its parent says. Timers and monotonic clocks go on, as
// they do where somebody sets the clock of a machine.
const { now } = Date;
let offset = 0;
Date.now = () => now() + offset;
process.on('message', (message) => {
  offset = message.offsetMs;
});
// An operator whose parent was killed shall not stay behind.
process.on('disconnect', () => process.exit(1));
// Listening for messages alone shall not keep the operator from ending.
process.channel?.unref();
