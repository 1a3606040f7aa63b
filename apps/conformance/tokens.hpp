#pragma once

#include "dcrf/actors/server.hpp"
#include "dcrf/consumer/consumer.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace conformance {

/// For who brings a token.
class token_consumer : public dcrf::api_consumer<token_consumer> {
public:
  using permissions = dcrf::permissions<dcrf::allow_any>;

  dcrf::response echo(dcrf::json args);
  /// Who the client is, as its token says.
  dcrf::response whoami();

  using actions =
      dcrf::actions<dcrf::action<&token_consumer::echo>, dcrf::action<&token_consumer::whoami>>;
};

/// Serves it below `/ws/tokens/`.
/// @param keys_file without one no token is good
/// @throws std::exception if the file is none with keys
void add_tokens(dcrf::server& server, const std::string& keys_file);

} // namespace conformance
