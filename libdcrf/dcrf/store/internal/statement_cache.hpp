#pragma once

#include "dcrf/store/internal/backend.hpp"

#include <cstddef>
#include <list>
#include <memory>
#include <string_view>
#include <unordered_map>

namespace dcrf::internal {

/// A statement in use: nobody else has it until this is destroyed, which ends its execution.
class cursor {
public:
  cursor(std::shared_ptr<statement> x, bool& in_use) : statement_(std::move(x)), in_use_(&in_use) {
    in_use = true;
  }
  /// A statement that is not kept.
  explicit cursor(std::shared_ptr<statement> x) : statement_(std::move(x)) {}
  cursor(const cursor&) = delete;
  cursor& operator=(const cursor&) = delete;
  ~cursor() {
    statement_->reset();
    if (in_use_ != nullptr) {
      *in_use_ = false;
    }
  }

  statement* operator->() noexcept { return statement_.get(); }
  statement& operator*() noexcept { return *statement_; }

private:
  std::shared_ptr<statement> statement_;
  bool* in_use_ = nullptr;
};

/// Keeps the statements used last, prepared.
class statement_cache {
public:
  /// More different statements than a program with some dozens of models has.
  static constexpr std::size_t capacity = 512;

  explicit statement_cache(backend& database) : database_(database) {}

  cursor get(std::string_view sql);

  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

private:
  struct entry {
    std::shared_ptr<statement> prepared;
    bool in_use = false;
  };

  void make_room();

  backend& database_;
  // The ones used last come first.
  std::list<entry> entries_;
  // The texts are those of the statements.
  std::unordered_map<std::string_view, std::list<entry>::iterator> by_sql_;
};

} // namespace dcrf::internal
