#include "dcrf/serializer/read_input.hpp"

#include "dcrf/serializer/internal/field_value.hpp"
#include "dcrf/serializer/internal/link_input.hpp"
#include "dcrf/serializer/validation_error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace dcrf {

namespace {

constexpr auto may_not_be_null = "This field may not be null.";

bool is_required(const model_descriptor& model, const serializer_field& field) {
  switch (field.requirement) {
  case requirement::required:
    return true;
  case requirement::optional:
    return false;
  case requirement::as_model:
    break;
  }
  if (field.source == field_source::related_rows) {
    return field.related.side == fetch::side::targets && !field.related.relation->allows_blank;
  }
  if (field.source == field_source::link && field.link.is_to_many) {
    return !field.link.relation->allows_blank;
  }
  const auto& of_model = model.fields[field.column];
  if (of_model.has_default || of_model.is_version) {
    return false;
  }
  // As in DRF, what shall be unique together has to be known.
  auto has_field = [&](auto set) { return std::ranges::find(set, field.column) != set.end(); };
  return (!of_model.is_nullable && !of_model.allows_blank)
         || std::ranges::any_of(model.unique_together, has_field);
}

// As in DRF, what a validator says of fields within the value is told alone.
void refuse(field_errors& errors, const validation_error& error) {
  auto found = error.details().of_field();
  if (found.has_fields()) {
    errors = std::move(found);
  } else {
    errors.merge(found.as_list());
  }
}

void run_validators(const serializer_field& field, value& x, const serializer_context& context,
                    field_errors& errors) {
  // Null passes no check by: either a validator is asked about it, or it is refused.
  bool is_asked = field.validators.empty()
                  || std::ranges::any_of(field.validators, &field_validator::takes_null);
  if (is_null(x) && !is_asked) {
    errors.add(may_not_be_null);
    return;
  }
  for (const auto& validator : field.validators) {
    if (is_null(x) && !validator.takes_null) {
      continue;
    }
    try {
      validator.check(x, context);
    } catch (const validation_error& error) {
      refuse(errors, error);
    }
  }
}

void run_validators(const serializer_field& field, std::vector<value>& keys,
                    const serializer_context& context, field_errors& errors) {
  for (const auto& validator : field.validators) {
    try {
      validator.check_keys(keys, context);
    } catch (const validation_error& error) {
      refuse(errors, error);
    }
  }
}

void read_column(validated_input& result, const serializer_field& field, json_view x,
                 const serializer_context& context, field_errors& errors) {
  auto read = internal::read_field_value(result.model->fields[field.column], x, errors);
  if (errors.empty()) {
    run_validators(field, read, context, errors);
  }
  if (errors.empty()) {
    result.set(field.column, std::move(read));
  }
}

void read_related_keys(validated_input& result, const serializer_field& field, json_view x,
                       const serializer_context& context, field_errors& errors) {
  related_keys read{.relation = field.related.relation,
                    .reverse = field.related.side == fetch::side::sources};
  bool may_be_empty = read.reverse || read.relation->allows_blank;
  if (x.is_null()) {
    errors.add(may_not_be_null);
  } else if (x.type() != json_type::array) {
    errors.add(fmt::format("Expected a list of items but got type \"{}\".", python_name(x.type())));
  } else if (x.size() == 0 && !may_be_empty) {
    errors.add("This list may not be empty.");
  } else {
    x.each_element([&](json_view element) {
      // The first key that is wrong is the only one reported.
      if (errors.empty()) {
        read.keys.push_back(
            internal::read_reference(field.related.model->key_field(), element, errors));
      }
    });
  }
  if (errors.empty()) {
    run_validators(field, read.keys, context, errors);
  }
  if (errors.empty()) {
    result.related.push_back(std::move(read));
  }
}

// The errors of all fields.
field_errors read_fields(validated_input& result, const serializer_descriptor& serializer,
                         json_view data, const serializer_context& context, bool partial) {
  field_errors errors;
  result.changes.reserve(serializer.fields.size());
  for (const auto& field : serializer.fields) {
    if (field.is_read_only) {
      continue;
    }
    field_errors found;
    if (auto given = data.find(field.name); !given) {
      if (!partial && is_required(*result.model, field)) {
        found.add("This field is required.");
      }
    } else if (field.source == field_source::column) {
      read_column(result, field, *given, context, found);
    } else if (field.source == field_source::link) {
      internal::read_link(result, field, *given, context, found);
    } else {
      read_related_keys(result, field, *given, context, found);
    }
    errors.set(field.name, std::move(found));
  }
  return errors;
}

// The validators of links, which are asked about keys.
void check_links(validated_input& input, const serializer_descriptor& serializer,
                 const serializer_context& context) {
  for (const auto& field : serializer.fields) {
    if (field.source != field_source::link || field.is_read_only || field.validators.empty()) {
      continue;
    }
    field_errors found;
    if (field.link.is_to_many) {
      if (auto* given = input.find_related(*field.link.relation, false)) {
        run_validators(field, given->keys, context, found);
      }
    } else if (auto* given = input.find(field.column)) {
      auto checked = *given;
      run_validators(field, checked, context, found);
      input.set(field.column, std::move(checked));
    }
    input.errors.set(field.name, std::move(found));
  }
}

field_errors error_of_all(std::string text) {
  field_errors result;
  result.add("non_field_errors", std::move(text));
  return result;
}

} // namespace

validated_input read_input(const serializer_descriptor& serializer, json_view data,
                           const serializer_context& context, bool partial) {
  validated_input result{.model = serializer.model, .instance = context.instance};
  if (data.is_null()) {
    result.errors = error_of_all("No data provided");
  } else if (!data.is_object()) {
    result.errors = error_of_all(
        fmt::format("Invalid data. Expected a dictionary, but got {}.", python_name(data.type())));
  } else {
    result.errors = read_fields(result, serializer, data, context, partial);
    if (result.links.empty()) {
      run_input_hooks(serializer, result, context);
    }
  }
  return result;
}

void run_input_hooks(const serializer_descriptor& serializer, validated_input& input,
                     const serializer_context& context) {
  if (!input.has_errors()) {
    check_links(input, serializer, context);
  }
  if (input.has_errors()) {
    return;
  }
  try {
    if (serializer.validate != nullptr) {
      serializer.validate(input, context);
    }
    if (serializer.prepare != nullptr) {
      serializer.prepare(input, context);
    }
  } catch (const validation_error& error) {
    input.errors = error.by_field();
  }
}

validated_list read_input_list(const serializer_descriptor& serializer, json_view data,
                               const serializer_context& context, bool allow_empty) {
  validated_list result;
  auto refuse = [&](std::string text) {
    result.is_valid = false;
    result.errors = error_of_all(std::move(text));
  };
  if (data.type() != json_type::array) {
    refuse(fmt::format("Expected a list of items but got type \"{}\".", python_name(data.type())));
    return result;
  }
  if (data.size() == 0 && !allow_empty) {
    refuse("This list may not be empty.");
    return result;
  }
  std::vector<field_errors> errors;
  data.each_element([&](json_view element) {
    auto& item = result.items.emplace_back(read_input(serializer, element, context, false));
    errors.push_back(item.errors);
    result.is_valid = result.is_valid && !item.has_errors();
  });
  result.errors = field_errors::of_elements(std::move(errors));
  return result;
}

value read_operand(const field_descriptor& field, const input_value& x) {
  if (field.type == field_type::timestamp && x.type() == json_type::text) {
    if (auto day = date::parse(x.text())) {
      return timestamp{std::chrono::sys_time<std::chrono::microseconds>{day->days}};
    }
  }
  bool is_text = field.type == field_type::text || field.type == field_type::choice;
  if (is_text && x.type() == json_type::text) {
    return std::string{x.text()};
  }
  auto any = field;
  any.is_nullable = true;
  any.allows_blank = true;
  any.minimum.reset();
  any.maximum.reset();
  any.max_length.reset();
  field_errors errors;
  auto result = read_field(any, x, errors);
  if (!result) {
    throw validation_error(std::move(errors));
  }
  return std::move(*result);
}

std::optional<value> read_field(const field_descriptor& field, const input_value& x,
                                field_errors& errors) {
  field_errors found;
  auto result = internal::read_field_value(field, x, found);
  if (found.empty()) {
    return result;
  }
  errors = std::move(found);
  return std::nullopt;
}

std::optional<value> read_key(const field_descriptor& field, const input_value& x) {
  field_errors errors;
  auto result = internal::read_reference(field, x, errors);
  return errors.empty() ? std::optional{std::move(result)} : std::nullopt;
}

} // namespace dcrf
