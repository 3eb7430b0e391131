/**
 * Signed questions to an application's own HTTP server, at an address its operator has configured:
 * one request as <a href="https://www.standardwebhooks.com">Standard Webhooks</a> say, one answer,
 * under limits.
 */
@NullMarked
package dev.parley.webhook;

import org.jspecify.annotations.NullMarked;
