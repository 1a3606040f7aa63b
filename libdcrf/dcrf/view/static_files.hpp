#pragma once

#include "dcrf/view/http_handler.hpp"

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace dcrf {

namespace internal {
class stored_file;
} // namespace internal

/// Files that are answered from memory, as they were when they were added: pages, scripts,
/// pictures.
///
///     dcrf::static_files files;
///     files.add_folder("assets");
///     server.static_files("/static/", files);
///
/// Each has an ETag, so that who has it already is answered 304. Texts are compressed when they are
/// added, and sent so to who accepts gzip. A range of bytes is answered with 206.
///
/// A copy is of the same files. Safe to use from any thread once all are added.
class static_files {
public:
  /// @param headers go with every answer; without a Cache-Control among them, clients ask each time
  ///        whether what they have is still the same (`no-cache`)
  explicit static_files(scope::pairs headers = {});

  /// Adds a file, or replaces it.
  /// @param name may have slashes
  static_files& add(std::string name, std::string_view media_type, std::string body);

  /// Adds the files in a folder and in those below it, by their paths from there. Those whose name
  /// begins with a dot, and links to elsewhere, are left out. The media type comes from the
  /// extension.
  /// @throws std::filesystem::filesystem_error, std::runtime_error if one can't be read
  static_files& add_folder(const std::filesystem::path& folder);

  /// The answer to a GET or HEAD for a file; 404 if there is none of that name.
  [[nodiscard]] http_response answer(const http_request& request, std::string_view name) const;

  /// A handler that answers with one of the files, for a path of its own:
  /// `server.http("GET", "/", files.handler("index.html"), dcrf::without_user)`.
  /// @throws std::invalid_argument if there is no such file
  [[nodiscard]] http_handler handler(std::string_view name) const;

  /// A handler that answers with the file that the route's parameter `name` says.
  [[nodiscard]] http_handler handler() const;

private:
  struct contents {
    scope::pairs headers;
    std::map<std::string, std::shared_ptr<const internal::stored_file>, std::less<>> files{};
  };

  std::shared_ptr<contents> contents_;
};

} // namespace dcrf
