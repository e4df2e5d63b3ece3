import type { Dispatcher } from 'undici';

/**
 * A dispatcher that asks `check` at the moment when a connection takes a request, and fails it with what that throws.
 * Between the call and that moment a connection may have to be made, and the process may have been suspended meanwhile.
 */
export const fenced = (dispatcher: Dispatcher, check: () => void): Dispatcher =>
  dispatcher.compose((dispatch) => (options, handler) => {
    // Each request has a handler of its own.
    const start = handler.onRequestStart?.bind(handler);
    handler.onRequestStart = (...args) => {
      check();
      start?.(...args);
    };
    return dispatch(options, handler);
  });
