package dev.parley.testkit.upstream;

/** Why a reply ends, in each provider's words. */
enum Finish {
  STOP("stop", "end_turn"),
  LENGTH("length", "max_tokens"),
  CONTENT_FILTER("content_filter", "refusal"),
  TOOL_CALLS("tool_calls", "tool_use");

  final String openAi;
  final String anthropic;

  Finish(String openAi, String anthropic) {
    this.openAi = openAi;
    this.anthropic = anthropic;
  }
}
