#pragma once

#include "dcrf/consumer/consumer.hpp"
#include "dcrf/listing/filters.hpp"
#include "dcrf/listing/pagination.hpp"
#include "dcrf/rows/row_operations.hpp"
#include "dcrf/runtime/shared_reads.hpp"
#include "dcrf/serializer/serializer.hpp"
#include "dcrf/store/command.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace dcrf {

/// The field that rows are looked up by, and the argument that names its value.
struct lookup_rule {
  std::size_t field = 0;
  std::string_view argument = "pk";
};

/// The actions of consumers over a model, whatever the model: what the mixins of model_consumer
/// offer. Everything here works on the descriptors of model and serializer.
class model_actions : public consumer {
public:
  // -- actions ------------------------------------------------------------------------------------

  /// The rows of the queryset, or a page of them: 200.
  task<response> list(request& req);
  /// Page after page of the queryset, each as a reply of its own, until the last one.
  task<> stream_list(request& req);
  /// Stops all lists that are being streamed to the client: 200.
  response cancel_lists();
  /// One row: 200, or 404.
  task<response> retrieve(request& req);
  /// A new row from `data`: 201, or 400 with the errors of all fields.
  task<response> create_row(request& req);
  /// Changes a row by `data`, which must have every required field: 200.
  task<response> update_row(request& req);
  /// Changes the fields of a row that `data` has: 200.
  task<response> patch_row(request& req);
  /// Deletes a row: 204.
  task<response> delete_row(request& req);
  /// Sends every change of one row to the client, under the id of the request: 201.
  task<response> subscribe_instance(request& req);
  /// Ends the subscription under the id of the request, or all of the row if it has none: 204.
  task<response> unsubscribe_instance(request& req);
  /// The first rows of the queryset, or those that `limit` and `offset` ask for, and under the id
  /// of the request what becomes of that list: 200; 400 if it would have more than 1,000 rows with
  /// those before it.
  task<> subscribe_list(request& req);
  /// The number of rows of the queryset, and under the id of the request each that follows: 200.
  task<> count_list(request& req);
  /// Ends what is watched under the id of the request, or all lists if it has none: 204.
  response unsubscribe_list(request& req);

  // -- hooks around a write -----------------------------------------------------------------------

  /// Runs before a row is deleted, which is still there; an exception keeps it.
  virtual task<> perform_delete(const instance&, request&) { return {}; }

  /// Run when a row was written, before the reply, which shows the row as they leave it. An
  /// exception is what the client gets, though the row remains, unless the action is atomic.
  virtual task<> after_create(const instance&, request&) { return {}; }
  virtual task<> after_update(const instance&, request&) { return {}; }
  virtual task<> after_delete(const instance&, request&) { return {}; }

  // -- implementation of consumer -----------------------------------------------------------------

  task<> prepare_events() final;
  void forget_answers() final { kept_.reset(); }
  [[nodiscard]] task<bool> may_stay_in(const group_name& group) final;

protected:
  // -- what a model_consumer says -----------------------------------------------------------------

  [[nodiscard]] virtual const model_descriptor& model() const = 0;
  [[nodiscard]] virtual lookup_rule lookup_by() const = 0;
  [[nodiscard]] virtual selection selected(const request& req) const = 0;
  [[nodiscard]] virtual const observer_descriptor& instance_observer() const = 0;
  [[nodiscard]] virtual const pagination_descriptor& paginated_by() const = 0;
  [[nodiscard]] virtual const list_filters& filtered_by() const = 0;

  /// The serializer that shows and reads the rows of a request; by default that of the consumer.
  [[nodiscard]] virtual const serializer_descriptor& serializer(const request& req) const = 0;

  // Let hooks change what is about to be written; they run only if there are no errors so far.
  virtual task<> creating(validated_input& input, request& req) = 0;
  virtual task<> updating(validated_input& input, request& req) = 0;
  /// Runs before rows are listed; if they are streamed, before each page.
  virtual task<> perform_list(request&) { return {}; }

  /// Handles an event of the instance observer.
  static task<> instance_changed(consumer& self, const observed& event);

  /// Brings the subscriptions to one row up to date after its events may have been lost: with the
  /// row as it is now, or with its deletion.
  static task<> instance_missed(consumer& self, const observed& event);

  /// How a live subscription reads the rows that changed: as `retrieve` would now. Empty if the
  /// permissions let it retrieve none.
  static reading_function instance_reading(consumer& self);

  /// Such a row as an event. One that the client may not see any more is deleted for it.
  static std::shared_ptr<const std::string> instance_shown(consumer& self,
                                                           const replayed_change& x);

  /// What a queryset that awaits has said of a request.
  /// @throws std::logic_error if it was not asked
  [[nodiscard]] static const selection& awaited_rows(const request& req);

private:
  class row_asking;

  // What was asked about events, which are many.
  struct kept_answers {
    std::chrono::steady_clock::time_point until{};
    request_answers update{};
    request_answers remove{};
    request_answers retrieve{};
  };

  // A request that no client has made: that an event be told.
  [[nodiscard]] request event_request(std::string_view action) const;
  [[nodiscard]] page first_page(const request& req) const;
  [[nodiscard]] selection watched_rows(const request& req) const;
  task<json_text> shown_page(request& req, page& x);
  [[nodiscard]] row_operations operations(row_asking& asking) const;
  task<row> found(request& req);
  [[nodiscard]] bool may_see(const request& req, const record& values) const;
  [[nodiscard]] lookup looked_up(const request& req) const;
  [[nodiscard]] serializer_context context_for(const request& req) const;
  task<response> save(request& req, bool is_partial);
  task<std::shared_ptr<const std::string>> shown_now(const request& asking, const value& key);
  [[nodiscard]] std::shared_ptr<const std::string> event_head(const request& retrieving,
                                                              shared_row& x) const;

  // Null if nothing awaits.
  std::unique_ptr<kept_answers> kept_;
};

} // namespace dcrf
