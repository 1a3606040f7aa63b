#include "dcrf/view/error_answer.hpp"

#include "dcrf/json/json_reader.hpp"
#include "dcrf/protocol/errors.hpp"
#include "dcrf/serializer/validation_error.hpp"
#include "dcrf/store/command.hpp"

#include <nlohmann/json.hpp>

namespace dcrf {

namespace {

std::optional<view_response> answer_of_store(const store_error& error) {
  switch (error.code) {
  case store_errc::not_found:
    return view_response::detail(404, not_found{}.what());
  case store_errc::invalid:
    return view_response::with(400, error.errors);
  case store_errc::restricted:
    return view_response::detail(400, error.text);
  case store_errc::unavailable:
    return view_response::detail(503, service_unavailable{}.what());
  case store_errc::no_transaction:
  case store_errc::failed:
    break;
  }
  return std::nullopt;
}

} // namespace

std::optional<view_response> error_answer(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const object_not_found&) {
    return view_response::detail(404, not_found{}.what());
  } catch (const api_exception& e) {
    return view_response::detail(e.status(), e.what());
  } catch (const validation_error& e) {
    auto errors = e.errors().to_json();
    bool is_by_field = errors.size() == 1 && errors.front().is_object();
    return view_response::with(400, is_by_field ? json_text{errors.front()} : e.errors());
  } catch (const store_failure& e) {
    return answer_of_store(e.error());
  } catch (...) {
    return std::nullopt;
  }
}

} // namespace dcrf
