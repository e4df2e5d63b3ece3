import { styleText } from 'node:util';
import type { Style } from '../diff/text.ts';

/** Colours on a terminal alone, and not against NO_COLOR. */
export const paint = (style: Style, text: string): string =>
  styleText(style, text, { stream: process.stdout });
