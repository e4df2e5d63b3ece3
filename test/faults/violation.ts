/** Something was seen that must not be. */
export class Violation extends Error {
  override readonly name = 'Violation';
  constructor(problems: readonly string[]) {
    super(problems.slice(0, 20).join('\n'));
  }
}
