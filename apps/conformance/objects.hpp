#pragma once

#include "dcrf/consumer/model_consumer.hpp"
#include "dcrf/observer/model_observer.hpp"

#include <optional>

#include "conformance/models.hpp"

// The endpoints that offer actions on the rows of one model, with little of their own.

namespace conformance {

// -- users ----------------------------------------------------------------------------------------

struct user_serializer : dcrf::model_serializer<user> {
  using fields =
      dcrf::shown<dcrf::field<&user::id>, dcrf::field<&user::username>, dcrf::field<&user::email>,
                  dcrf::field<&user::is_staff, dcrf::read_only>,
                  dcrf::field<&user::password, dcrf::write_only>>;

  /// Marks the password, in place of a hash.
  static void prepare(dcrf::validated<user>& data, const dcrf::serializer_context& context);
};

struct user_consumer : dcrf::model_consumer<user_consumer, user, user_serializer, dcrf::crud,
                                            dcrf::observe_instance> {};

/// Users are looked up by their name.
struct named_user_consumer
    : dcrf::model_consumer<named_user_consumer, user, user_serializer, dcrf::crud> {
  using lookup = dcrf::lookup_field<&conformance::user::username, "name">;
};

// -- samples --------------------------------------------------------------------------------------

struct sample_serializer : dcrf::model_serializer<sample> {
  using fields = dcrf::all_fields;
};

/// The owner is an object with all columns.
struct deep_sample_serializer : dcrf::model_serializer<sample> {
  using fields = dcrf::shown<dcrf::field<&sample::id>, dcrf::field<&sample::name>,
                             dcrf::field<&sample::owner>>;
  static constexpr int depth = 1;
};

/// A client says by the argument `depth` how a sample is shown to it.
class sample_consumer
    : public dcrf::model_consumer<sample_consumer, sample, sample_serializer, dcrf::crud> {
public:
  struct view {
    std::optional<bool> depth;
    BOOST_DESCRIBE_CLASS(view, (), (depth), (), ())
  };

protected:
  const dcrf::serializer_descriptor& serializer(const dcrf::request& req) const override;
};

// -- gadgets and tickets --------------------------------------------------------------------------

struct gadget_serializer : dcrf::model_serializer<gadget> {
  using fields = dcrf::all_fields;
};

struct ticket_serializer : dcrf::model_serializer<ticket> {
  using fields = dcrf::all_fields;
};

/// All actions on the rows of a model, whose changes can be watched one by one or all together.
template <class Self, dcrf::model_type T, class Serializer>
class watched_consumer
    : public dcrf::model_consumer<Self, T, Serializer, dcrf::crud, dcrf::observe_instance> {
public:
  struct every_row : dcrf::model_observer<T> {};

  dcrf::task<dcrf::response> subscribe_all(dcrf::request& req) {
    co_await this->template subscribe<every_row>(req);
    co_return dcrf::response::created();
  }

  using actions = dcrf::actions<dcrf::action<&watched_consumer::subscribe_all>>;
};

struct gadget_consumer : watched_consumer<gadget_consumer, gadget, gadget_serializer> {};

class ticket_consumer : public watched_consumer<ticket_consumer, ticket, ticket_serializer> {
protected:
  dcrf::query<ticket> queryset(const dcrf::request& req) const override;
};

// -- rooms ----------------------------------------------------------------------------------------

struct room_serializer : dcrf::model_serializer<room> {
  using fields = dcrf::shown<dcrf::field<&room::id>, dcrf::field<&room::name>,
                             dcrf::field<&room::host>, dcrf::field<&room::current_users>>;
};

/// Who enters or leaves a room changes it, for all who watch.
class room_consumer
    : public dcrf::model_consumer<room_consumer, room, room_serializer, dcrf::list_model,
                                  dcrf::observe_instance, dcrf::observe_list> {
public:
  using filterset_fields = dcrf::filterset_fields<dcrf::filter_by<&room::current_users>>;
  using ordering_fields = dcrf::ordering_fields<&room::name>;

  static constexpr bool watches_relations = true;

  struct every_room : dcrf::model_observer<room, room_serializer> {
    static constexpr bool watches_relations = true;
  };

  dcrf::task<dcrf::response> subscribe_all(dcrf::request& req);

  using actions = dcrf::actions<dcrf::action<&room_consumer::subscribe_all>>;
};

/// Only the columns of a room are watched.
struct plain_room_consumer
    : dcrf::model_consumer<plain_room_consumer, room, room_serializer, dcrf::observe_instance> {};

struct brief_room_serializer : dcrf::model_serializer<room> {
  using fields = dcrf::shown<dcrf::field<&room::id>, dcrf::field<&room::name>>;
};

/// The rooms that the connection's user is in.
class member_room_consumer
    : public dcrf::model_consumer<member_room_consumer, room, brief_room_serializer,
                                  dcrf::list_model, dcrf::retrieve_model, dcrf::observe_list> {
protected:
  dcrf::query<room> queryset(const dcrf::request& req) const override;
};

} // namespace conformance
