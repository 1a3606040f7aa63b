#include "dcrf/actors/cluster/internal/codec.hpp"

#include "dcrf/actors/cluster/internal/command_check.hpp"
#include "dcrf/groups/observer_descriptor.hpp"
#include "dcrf/groups/observer_registry.hpp"
#include "dcrf/json/json_reader.hpp"
#include "dcrf/model/internal/value_coder.hpp"

#include <memory>
#include <utility>

namespace dcrf::cluster {

namespace {

// Conditions and fetches within each other; deeper ones don't come from an honest node.
constexpr int deepest = 64;

field_errors read_errors(const json_text& text) {
  try {
    return text.str() == "{}" ? field_errors{} : field_errors{text};
  } catch (const json_error&) {
    throw malformed_bytes("errors are no JSON");
  }
}

// Takes a value through bytes in one of both directions. Each function has a type's parts in their
// order, whether they are written or read.
template <class Bytes>
class coder : public value_coder<coder<Bytes>, Bytes> {
public:
  using base = value_coder<coder<Bytes>, Bytes>;
  using base::all;
  using base::code;
  using base::code_enum;
  using base::code_variant;
  using base::is_reading;

  coder(Bytes& bytes, const schema* models) : base(bytes), models_(models) {}

  // -- descriptors --------------------------------------------------------------------------------

  void code(const model_descriptor*& x) {
    auto table = std::string{!is_reading && x != nullptr ? x->table : std::string_view{}};
    code(table);
    if constexpr (is_reading) {
      x = models_->find(table);
      if (x == nullptr) {
        throw malformed_bytes("a model is unknown: " + table);
      }
    }
  }

  void code(const relation_descriptor*& x) {
    bool has_relation = x != nullptr;
    code(has_relation);
    if (!has_relation) {
      x = nullptr;
      return;
    }
    const model_descriptor* source = is_reading ? nullptr : &x->source();
    std::string name{is_reading ? std::string_view{} : x->name};
    all(source, name);
    if constexpr (is_reading) {
      x = source->find_relation(name);
      if (x == nullptr) {
        throw malformed_bytes("a relation is unknown: " + name);
      }
    }
  }

  // -- queries ------------------------------------------------------------------------------------

  void code(condition& x) {
    deeper guard{depth_};
    code_enum(x.kind, condition::node::any_of_rows);
    code(x.children);
    code(x.path);
    code_enum(x.op, comparison::is_null);
    all(x.operands, x.relation, x.reverse);
    bool has_referrer = x.referrer != nullptr;
    code(has_referrer);
    if (has_referrer) {
      all(x.referrer, x.referring_field);
    }
  }
  void code(ordering& x) { all(x.path, x.is_descending); }
  void code(aggregate& x) {
    code_enum(x.what, aggregate::function::max);
    code(x.path);
  }
  void code(selection& x) { all(x.model, x.where, x.order_by, x.limit, x.offset); }
  void code(lookup& x) { all(x.model, x.key, x.field, x.where); }
  void code(related_keys& x) { all(x.relation, x.reverse, x.keys); }
  void code(fetch& x) {
    deeper guard{depth_};
    code_enum(x.kind, fetch::side::sources);
    all(x.model, x.field, x.relation, x.keys_only, x.order_by, x.limit, x.summary, x.nested);
  }
  void code(expression& x) {
    deeper guard{depth_};
    code_enum(x.kind, expression::node::product);
    all(x.constant, x.field, x.sides);
  }
  void code(row& x) {
    deeper guard{depth_};
    all(x.values, x.related);
  }

  // -- commands -----------------------------------------------------------------------------------

  void code(list_command& x) { all(x.rows, x.plan, x.with_count, x.for_update); }
  void code(retrieve_command& x) { all(x.where, x.plan, x.for_update); }
  void code(count_command& x) { all(x.rows, x.exists_only); }
  void code(aggregate_command& x) { all(x.rows, x.wanted, x.by); }
  void code(create_command& x) { all(x.model, x.values, x.related, x.errors, x.given, x.plan); }
  void code(update_command& x) { all(x.where, x.changes, x.computed, x.related, x.errors, x.plan); }
  void code(ensure_command& x) { all(x.creation, x.where, x.update); }
  void code(delete_command& x) { code(x.where); }
  void code(relate_command& x) {
    all(x.relation, x.reverse, x.key);
    code_enum(x.mode, relate_command::how::clear);
    all(x.keys, x.link);
  }
  void code(bulk_events& x) { code_enum(x, bulk_events::on); }
  void code(bulk_create_command& x) { all(x.model, x.rows, x.events); }
  void code(bulk_update_command& x) { all(x.rows, x.changes, x.computed, x.events); }
  void code(bulk_delete_command& x) { all(x.rows, x.restart_keys, x.events); }
  void code(once_claim& x) { all(x.owner, x.name, x.content); }
  void code(begin_command& x) { code(x.once); }
  void code(commit_command& x) { code(x.reply); }
  void code(rollback_command&) {}
  void code(signal_command& x) { all(x.name, x.values); }
  void code(command& x) {
    code_variant(x.body);
    code(x.transaction);
  }

  void code(field_errors& x) {
    json_text text;
    if constexpr (!is_reading) {
      text = x.to_json_text();
    }
    code(text);
    if constexpr (is_reading) {
      x = read_errors(text);
    }
  }
  void code(store_error& x) {
    code_enum(x.code, store_errc::failed);
    all(x.text, x.errors);
  }
  void code(once_result_ptr& x) {
    bool is_there = x != nullptr;
    code(is_there);
    if (is_there) {
      auto kept = x != nullptr ? *x : once_result{};
      all(kept.content, kept.reply);
      x = std::make_shared<const once_result>(std::move(kept));
    }
  }
  void code(store_result& x) { all(x.error, x.rows, x.count, x.transaction, x.done_before); }

  // -- sessions -----------------------------------------------------------------------------------

  void code(list_sessions&) {}
  void code(send_to_session& x) { all(x.session, x.frame); }
  void code(close_one_session& x) {
    auto number = static_cast<std::uint64_t>(x.code);
    all(x.session, number);
    if (number < 1000 || number > 4999) {
      throw malformed_bytes("a connection is not closed with this code");
    }
    x.code = static_cast<std::uint16_t>(number);
  }
  void code(session_question& x) { code_variant(x); }
  void code(session_answer& x) { all(x.is_there, x.numbers); }

private:
  struct deeper {
    explicit deeper(int& x) : depth(x) {
      if (++depth > deepest) {
        throw malformed_bytes("values are nested too deeply");
      }
    }
    ~deeper() { --depth; }
    int& depth;
  };

  const schema* models_;
  int depth_ = 0;
};

// Only observers of rows carry these.
bool is_row_of(const observer_descriptor* observer, const record& values) {
  return observer == nullptr
         || (observer->carries_values
             && values.size()
                    == static_cast<const model_descriptor*>(observer->subject)->fields.size());
}

// The functions of a coder take what they write by reference, and leave it as it is.
template <class T>
void write_with(byte_writer& out, const T& x) {
  coder<byte_writer>{out, nullptr}.code(const_cast<T&>(x));
}

template <class T>
T read_with(byte_reader& in, const schema* models) {
  T result{};
  coder<byte_reader>{in, models}.code(result);
  return result;
}

// FNV-1a, which is the same on all machines.
class hash {
public:
  void add(std::string_view x) {
    for (unsigned char c : x) {
      add_byte(c);
    }
    add_byte(0);
  }
  void add_byte(unsigned x) { state_ = (state_ ^ x) * 0x100000001b3; }

  [[nodiscard]] std::uint64_t get() const noexcept { return state_; }

private:
  std::uint64_t state_ = 0xcbf29ce484222325;
};

} // namespace

// -- groups ---------------------------------------------------------------------------------------

void write(byte_writer& out, const group_name& x) {
  out.text(x.observer != nullptr ? x.observer->name : std::string_view{});
  out.text(x.key);
}

group_name read_group_name(byte_reader& in, bool& is_known) {
  std::string observer;
  group_name result;
  in.text(observer);
  in.text(result.key);
  if (!observer.empty()) {
    result.observer = find_observer(observer);
  }
  is_known = observer.empty() || result.observer != nullptr;
  return is_known ? result : group_name{};
}

void write(byte_writer& out, const group_message& x) {
  write(out, x.target);
  out.byte(static_cast<std::uint8_t>(x.kind));
  write_with(out, x.key);
  write_with(out, x.values);
  out.text(x.text ? x.text->str() : "null");
  out.number(x.text ? x.text->first() : 0);
  out.number(x.text ? x.text->body().size() : 4);
  out.number(x.version);
  write_with(out, x.is_loss);
}

std::shared_ptr<group_message> read_group_message(byte_reader& in) {
  bool is_known = true;
  auto result = std::make_shared<group_message>();
  result->target = read_group_name(in, is_known);
  coder<byte_reader> parts{in, nullptr};
  parts.code_enum(result->kind, change_kind::remove);
  std::string text;
  std::uint64_t first = 0;
  std::uint64_t size = 0;
  parts.all(result->key, result->values, text, first, size, result->version, result->is_loss);
  if (first > text.size() || size > text.size() - first) {
    throw malformed_bytes("the body of an event is not within its text");
  }
  if (!result->values.empty() && !is_row_of(result->target.observer, result->values)) {
    throw malformed_bytes("a row has other columns than its model");
  }
  result->text = std::make_shared<event_text>(std::move(text), first, size);
  return is_known ? result : nullptr;
}

// -- the store ------------------------------------------------------------------------------------

void write(byte_writer& out, const command& x) { write_with(out, x); }

command read_command(byte_reader& in, const schema& models) {
  auto result = read_with<command>(in, &models);
  check(result);
  return result;
}

void write(byte_writer& out, const store_result& x) { write_with(out, x); }

store_result read_store_result(byte_reader& in) { return read_with<store_result>(in, nullptr); }

// -- sessions -------------------------------------------------------------------------------------

void write(byte_writer& out, const session_question& x) { write_with(out, x); }

session_question read_session_question(byte_reader& in) {
  return read_with<session_question>(in, nullptr);
}

void write(byte_writer& out, const session_answer& x) { write_with(out, x); }

session_answer read_session_answer(byte_reader& in) {
  return read_with<session_answer>(in, nullptr);
}

// -- models ---------------------------------------------------------------------------------------

std::uint64_t fingerprint(const schema& models) {
  hash result;
  for (const auto* model : models.models()) {
    result.add(model->table);
    for (const auto& field : model->fields) {
      result.add(field.name);
      result.add_byte(static_cast<unsigned>(field.type));
      result.add_byte(field.places);
    }
    for (const auto& relation : model->relations) {
      result.add(relation.name);
      result.add(relation.target().table);
      result.add(relation.table());
    }
  }
  return result.get();
}

} // namespace dcrf::cluster
