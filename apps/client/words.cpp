#include "client/words.hpp"

#include <optional>

#include "client/errors.hpp"

namespace client {

std::vector<std::string> split_words(std::string_view line) {
  std::vector<std::string> words;
  // Empty quotes are a word, too.
  std::optional<std::string> word;
  char quote = 0;
  for (std::size_t at = 0; at < line.size(); ++at) {
    char c = line[at];
    bool is_blank = c == ' ' || c == '\t';
    if (quote == 0 && is_blank) {
      if (word) {
        words.push_back(std::move(*word));
      }
      word.reset();
      continue;
    }
    if (!word) {
      word.emplace();
    }
    if (c == quote) {
      quote = 0;
    } else if (quote == 0 && (c == '\'' || c == '"')) {
      quote = c;
    } else if (c == '\\' && quote != '\'' && at + 1 < line.size()) {
      word->push_back(line[++at]);
    } else {
      word->push_back(c);
    }
  }
  if (quote != 0) {
    throw usage_error{std::string{"a quote does not end: "} + quote};
  }
  if (word) {
    words.push_back(std::move(*word));
  }
  return words;
}

} // namespace client
