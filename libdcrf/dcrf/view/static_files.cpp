#include "dcrf/view/static_files.hpp"

#include "dcrf/protocol/errors.hpp"
#include "dcrf/view/internal/stored_file.hpp"

#include <boost/beast/core/string.hpp>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace dcrf {

namespace {

namespace fs = std::filesystem;

constexpr std::array<std::pair<std::string_view, std::string_view>, 24> media_types{{
    {".avif", "image/avif"},
    {".css", "text/css; charset=utf-8"},
    {".gif", "image/gif"},
    {".htm", "text/html; charset=utf-8"},
    {".html", "text/html; charset=utf-8"},
    {".ico", "image/x-icon"},
    {".jpeg", "image/jpeg"},
    {".jpg", "image/jpeg"},
    {".js", "text/javascript; charset=utf-8"},
    {".json", "application/json"},
    {".map", "application/json"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".mp3", "audio/mpeg"},
    {".mp4", "video/mp4"},
    {".pdf", "application/pdf"},
    {".png", "image/png"},
    {".svg", "image/svg+xml"},
    {".txt", "text/plain; charset=utf-8"},
    {".wasm", "application/wasm"},
    {".webm", "video/webm"},
    {".webmanifest", "application/manifest+json"},
    {".webp", "image/webp"},
    {".woff", "font/woff"},
    {".woff2", "font/woff2"},
}};

std::string_view media_type_of(const fs::path& file) {
  auto extension = file.extension().string();
  const auto* found = std::ranges::find(media_types, std::string_view{extension},
                                        &decltype(media_types)::value_type::first);
  return found == media_types.end() ? "application/octet-stream" : found->second;
}

std::string content_of(const fs::path& file) {
  std::ifstream stream{file, std::ios::binary};
  std::string result{std::istreambuf_iterator<char>{stream}, {}};
  if (!stream) {
    throw std::runtime_error("can't read " + file.string());
  }
  return result;
}

bool is_hidden(const fs::path& relative) {
  return std::ranges::any_of(relative, [](const fs::path& x) { return x.string().front() == '.'; });
}

bool is_cache_control(const std::pair<std::string, std::string>& header) {
  return boost::beast::iequals(header.first, "cache-control");
}

} // namespace

static_files::static_files(scope::pairs headers)
    : contents_(std::make_shared<contents>(contents{std::move(headers)})) {
  auto& all = contents_->headers;
  if (std::ranges::none_of(all, is_cache_control)) {
    all.emplace_back("Cache-Control", "no-cache");
  }
}

static_files& static_files::add(std::string name, std::string_view media_type, std::string body) {
  contents_->files.insert_or_assign(
      std::move(name), std::make_shared<internal::stored_file>(media_type, std::move(body)));
  return *this;
}

static_files& static_files::add_folder(const fs::path& folder) {
  for (const auto& entry : fs::recursive_directory_iterator{folder}) {
    auto relative = entry.path().lexically_relative(folder);
    if (!entry.is_symlink() && entry.is_regular_file() && !is_hidden(relative)) {
      add(relative.generic_string(), media_type_of(relative), content_of(entry.path()));
    }
  }
  return *this;
}

http_response static_files::answer(const http_request& request, std::string_view name) const {
  auto found = contents_->files.find(name);
  return found == contents_->files.end() ? http_response::detail(404, not_found{}.what())
                                         : found->second->answer(request.scope, contents_->headers);
}

http_handler static_files::handler(std::string_view name) const {
  if (!contents_->files.contains(name)) {
    throw std::invalid_argument("there is no file " + std::string{name});
  }
  return [files = *this, name = std::string{name}](http_request& request,
                                                   const runtime&) -> task<http_response> {
    co_return files.answer(request, name);
  };
}

http_handler static_files::handler() const {
  return [files = *this](http_request& request, const runtime&) -> task<http_response> {
    co_return files.answer(request, request.scope.parameter("name"));
  };
}

} // namespace dcrf
