#include "dcrf/store/internal/feed_bytes.hpp"

#include "dcrf/model/internal/value_coder.hpp"

#include <cstddef>
#include <optional>
#include <utility>

namespace dcrf::internal {

namespace {

// What of a change is there.
enum part : std::uint8_t {
  before = 1,
  after = 2,
  relation = 4,
  reverse = 8,
  deleted = 16,
  gap = 32,
};

template <class Bytes>
class change_coder : public value_coder<change_coder<Bytes>, Bytes> {
public:
  using base = value_coder<change_coder<Bytes>, Bytes>;
  using base::all;
  using base::base;
  using base::code;
  using base::is_reading;

  // A value that is the same before and after is there once.
  void code_changed(record& x, const record& old) {
    auto size = static_cast<std::uint64_t>(x.size());
    code(size);
    if constexpr (is_reading) {
      if (size != old.size()) {
        throw malformed_bytes("a row has other columns after its change");
      }
      x.resize(size);
    }
    for (std::size_t i = 0; i < x.size(); ++i) {
      bool is_changed = is_reading || x[i] != old[i];
      code(is_changed);
      if (is_changed) {
        code(x[i]);
      } else if constexpr (is_reading) {
        x[i] = old[i];
      }
    }
  }

  void code_state(std::optional<record>& x) {
    if constexpr (is_reading) {
      x.emplace();
    }
    code(*x);
  }

  // The change but for its model and its relation.
  void code_rows(change& x, std::uint8_t parts) {
    code(x.version);
    if ((parts & before) != 0) {
      code_state(x.before);
    }
    if ((parts & after) != 0) {
      if constexpr (is_reading) {
        x.after.emplace();
      }
      (parts & before) != 0 ? code_changed(*x.after, *x.before) : code(*x.after);
    }
    if ((parts & deleted) != 0) {
      code(x.deleted);
    }
  }
};

// What need not be there since it follows from the rest.
void complete(change& x, std::uint8_t parts) {
  if (x.relation != nullptr && !x.after) {
    x.after = x.before;
  }
  if (!x.after && (parts & deleted) == 0 && x.before) {
    x.deleted = *x.before;
  }
}

std::uint8_t parts_of(const change& x) {
  auto result = std::uint8_t{};
  auto add = [&result](bool is_there, part which) {
    result = static_cast<std::uint8_t>(result | (is_there ? which : 0));
  };
  add(x.before.has_value(), before);
  add(x.after.has_value() && (x.relation == nullptr || x.after != x.before), after);
  add(x.relation != nullptr, relation);
  add(x.reverse, reverse);
  add(!x.after && !x.is_gap && x.deleted != x.before, deleted);
  add(x.is_gap, gap);
  return result;
}

const relation_descriptor* read_relation(byte_reader& bytes, const schema& models) {
  std::string source;
  std::string name;
  bytes.text(source);
  bytes.text(name);
  const auto* model = models.find(source);
  return model == nullptr ? nullptr : model->find_relation(name);
}

} // namespace

void write_change(std::string& to, const change& x, std::uint64_t layout) {
  byte_writer bytes;
  auto parts = parts_of(x);
  bytes.number(layout);
  bytes.byte(parts);
  if (x.relation != nullptr) {
    bytes.text(x.relation->source().table);
    bytes.text(x.relation->name);
  }
  change_coder<byte_writer>{bytes}.code_rows(const_cast<change&>(x), parts);
  auto written = std::move(bytes).take();
  to.append(written.data(), written.size());
}

std::vector<change> read_changes(std::string_view from, const schema& models,
                                 const model_of_layout& model_of) {
  std::vector<change> result;
  byte_reader bytes{{from.data(), from.size()}};
  while (bytes.size() > 0) {
    std::uint64_t layout = 0;
    std::uint8_t parts = 0;
    bytes.number(layout);
    bytes.byte(parts);
    change x{
        .model = model_of(layout), .is_gap = (parts & gap) != 0, .reverse = (parts & reverse) != 0};
    bool is_known = x.model != nullptr;
    if ((parts & relation) != 0) {
      x.relation = read_relation(bytes, models);
      is_known = is_known && x.relation != nullptr;
    }
    change_coder<byte_reader>{bytes}.code_rows(x, parts);
    if (is_known) {
      complete(x, parts);
      result.push_back(std::move(x));
    }
  }
  return result;
}

} // namespace dcrf::internal
