#pragma once

#include "dcrf/protocol/errors.hpp"

#include <string>

namespace dcrf {

/// 415: the body of a request is of a media type that the view can't read.
class unsupported_media_type : public api_exception {
public:
  explicit unsupported_media_type(const std::string& media_type)
      : api_exception(415, "Unsupported media type \"" + media_type + "\" in request.") {}
};

} // namespace dcrf
